// The pages' messages, in the language that the backend has chosen. They come with the window, so
// that the scripts contain no language at all.

import type { CatalogueView, NamesView, Problem } from "./generated/view";
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

/** Languages that are written in Arabic, Hebrew, Syriac or Thaana script. */
const RIGHT_TO_LEFT = new Set("ar arc ckb dv fa he ps sd syr ug ur yi".split(" "));

/** The writing direction of a language. */
export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}

let current = "en";
let names: NamesView = { program: "", command_line: "", config_file: "" };
let bundle = new FluentBundle(current);
/** The source of each message that wasn't needed yet. */
let sources = new Map<string, string>();

/** Sets the language of the pages, its messages, and the names that they use. */
export function setCatalogue({ language, messages, names: here }: CatalogueView) {
  current = language;
  names = here;
  // In left-to-right languages isolation marks would only end up in copied text.
  bundle = new FluentBundle(language, { useIsolating: direction(language) === "rtl" });
  // A message starts at the beginning of a line, with its id. No message refers to another one.
  sources = new Map(messages.split(/^(?=[a-z])/m).map((source) => [source.split(" ", 1)[0] ?? "", source]));
  if (typeof document === "undefined") return;
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
}

export const language = () => current;
/** What the wizard's program is called: its name while no product is known. */
export const programName = () => names.program;

/** A message, which is parsed when it is needed first: the first screen needs one in ten. */
function messageOf(id: string) {
  const source = sources.get(id);
  if (source !== undefined) {
    sources.delete(id);
    bundle.addResource(new FluentResource(source));
  }
  return bundle.getMessage(id);
}

export type Values = Record<string, FluentVariable>;

/** The message for an id, or the id itself if there is none, so that the gap is noticed. */
export function t(id: string, values: Values = {}): string {
  const pattern = messageOf(id)?.value;
  return pattern ? bundle.formatPattern(pattern, { ...names, ...values }) : id;
}

/** Whether there is a message for an id. */
export function hasMessage(id: string): boolean {
  return messageOf(id)?.value != null;
}

/** Splits a message at one of its values, for a value that is set in bold or as a link. */
export function split(id: string, name: string, values: Values = {}): [string, string] {
  const separator = "\u0001";
  const [before = "", after = ""] = t(id, { ...values, [name]: separator }).split(separator);
  return [before, after];
}

/** A problem that the pages detect themselves, in the same form as the backend's. */
export function localProblem(code: string, number: number, details: Record<string, string>): Problem {
  const id = code.replaceAll(".", "-");
  const action = messageOf(id)?.attributes["action"];
  return {
    code,
    number,
    message: t(id, details),
    action: action ? bundle.formatPattern(action, { ...names, ...details }) : "",
    details,
  };
}
