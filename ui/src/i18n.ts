// Every sentence on the pages comes from here: the same Fluent catalogues that the Rust side reads.

import type { Problem } from "./generated/view";
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

// Written in Arabic, Hebrew, Syriac or Thaana letters.
const RIGHT_TO_LEFT = new Set("ar arc ckb dv fa he ps sd syr ug ur yi".split(" "));

/** Which way a language's lines run. */
export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}

// Only the files that the pages speak from: the command lines' and the portal's words would be as much again.
const catalogues = import.meta.glob("../../crates/words/locales/*/{wizard,device}.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

const languageOf = (path: string) => path.split("/").at(-2) ?? "";
const languages = new Set(Object.keys(catalogues).map(languageOf));
const bundles = new Map<string, FluentBundle>();

/** A language's words, read when somebody speaks it. */
function bundleOf(language: string): FluentBundle {
  let bundle = bundles.get(language);
  if (!bundle) {
    // Where everything runs the same way, isolation marks would only end up in copied text.
    bundle = new FluentBundle(language, { useIsolating: direction(language) === "rtl" });
    for (const [path, text] of Object.entries(catalogues)) {
      if (languageOf(path) === language) bundle.addResource(new FluentResource(text));
    }
    bundles.set(language, bundle);
  }
  return bundle;
}

const ENGLISH = "en";
let spoken = ENGLISH;

/** From here on another language, the one that the backend speaks; English where there is none. */
export function speak(language: string) {
  spoken = languages.has(language) ? language : ENGLISH;
  if (typeof document === "undefined") return;
  document.documentElement.lang = spoken;
  document.documentElement.dir = direction(spoken);
}

export const language = () => spoken;

/** The bundle that has a message: the spoken language's, else the English one. */
function bundleFor(id: string): FluentBundle | undefined {
  const bundle = bundleOf(spoken);
  if (bundle.hasMessage(id)) return bundle;
  const english = bundleOf(ENGLISH);
  return english.hasMessage(id) ? english : undefined;
}

export type Values = Record<string, FluentVariable>;

/** The sentence for an id; the id itself when there is none, so that a gap is seen and found. */
export function words(id: string, values: Values = {}): string {
  const bundle = bundleFor(id);
  const pattern = bundle?.getMessage(id)?.value;
  return bundle && pattern ? bundle.formatPattern(pattern, values) : id;
}

export function has(id: string): boolean {
  return bundleFor(id)?.getMessage(id)?.value != null;
}

/** A sentence and where in it a value stands, for a value that is set in bold or as a link. */
export function around(id: string, name: string, values: Values = {}): [string, string] {
  const mark = "\u0001";
  const [before = "", after = ""] = words(id, { ...values, [name]: mark }).split(mark);
  return [before, after];
}

/** An error that the pages find themselves, in the same form as the backend's. */
export function problemOf(code: string, number: number, details: Record<string, string>): Problem {
  const id = code.replaceAll(".", "-");
  const bundle = bundleFor(id);
  const action = bundle?.getMessage(id)?.attributes["action"];
  return {
    code,
    number,
    message: words(id, details),
    action: bundle && action ? bundle.formatPattern(action, details) : "",
    details,
  };
}
