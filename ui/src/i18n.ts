// The pages' messages, from the same Fluent catalogues that the Rust side uses.

import type { NamesView, Problem } from "./generated/view";
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

/** Languages that are written in Arabic, Hebrew, Syriac or Thaana script. */
const RIGHT_TO_LEFT = new Set("ar arc ckb dv fa he ps sd syr ug ur yi".split(" "));

/** The writing direction of a language. */
export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}

// Only the files that the pages need; those of the command lines and the portal would double the
// size.
const catalogues = import.meta.glob("../../crates/i18n/locales/*/{wizard,device}.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

const languageOf = (path: string) => path.split("/").at(-2) ?? "";
const languages = new Set(Object.keys(catalogues).map(languageOf));
const bundles = new Map<string, FluentBundle>();

/** A language's messages, parsed when they are first used. */
function bundleOf(language: string): FluentBundle {
  let bundle = bundles.get(language);
  if (!bundle) {
    // In left-to-right languages isolation marks would only end up in copied text.
    bundle = new FluentBundle(language, { useIsolating: direction(language) === "rtl" });
    for (const [path, text] of Object.entries(catalogues)) {
      if (languageOf(path) === language) bundle.addResource(new FluentResource(text));
    }
    bundles.set(language, bundle);
  }
  return bundle;
}

const ENGLISH = "en";
let current = ENGLISH;

/** Sets the language of the pages: the backend's, or English if there is no catalogue for it. */
export function setLanguage(language: string) {
  current = languages.has(language) ? language : ENGLISH;
  if (typeof document === "undefined") return;
  document.documentElement.lang = current;
  document.documentElement.dir = direction(current);
}

export const language = () => current;

let names: Partial<NamesView> = {};

/** Sets the names that programs and files have here: every message can use them as variables. */
export function setNames(all: NamesView) {
  names = all;
}

/** The bundle that contains a message: the current language's, or else the English one. */
function bundleFor(id: string): FluentBundle | undefined {
  const bundle = bundleOf(current);
  if (bundle.hasMessage(id)) return bundle;
  const english = bundleOf(ENGLISH);
  return english.hasMessage(id) ? english : undefined;
}

export type Values = Record<string, FluentVariable>;

/** The message for an id, or the id itself if there is none, so that the gap is noticed. */
export function t(id: string, values: Values = {}): string {
  const bundle = bundleFor(id);
  const pattern = bundle?.getMessage(id)?.value;
  return bundle && pattern ? bundle.formatPattern(pattern, { ...names, ...values }) : id;
}

/** Whether there is a message for an id. */
export function hasMessage(id: string): boolean {
  return bundleFor(id)?.getMessage(id)?.value != null;
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
  const bundle = bundleFor(id);
  const action = bundle?.getMessage(id)?.attributes["action"];
  return {
    code,
    number,
    message: t(id, details),
    action: bundle && action ? bundle.formatPattern(action, { ...names, ...details }) : "",
    details,
  };
}
