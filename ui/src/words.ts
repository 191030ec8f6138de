// Every sentence on the pages comes from here: the same Fluent catalogues that the Rust side reads.

import type { Problem } from "./generated/view";
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

// Written in Arabic, Hebrew, Syriac or Thaana letters.
const RIGHT_TO_LEFT = new Set("ar arc ckb dv fa he ps sd syr ug ur yi".split(" "));

/** Which way a language's lines run. */
export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}

const catalogues = import.meta.glob("../../crates/words/locales/*/*.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

const bundles = new Map<string, FluentBundle>();
for (const [path, text] of Object.entries(catalogues)) {
  const language = path.split("/").at(-2) ?? "";
  // Where everything runs the same way, isolation marks would only end up in copied text.
  const bundle = bundles.get(language) ?? new FluentBundle(language, { useIsolating: direction(language) === "rtl" });
  bundle.addResource(new FluentResource(text));
  bundles.set(language, bundle);
}

const ENGLISH = "en";
let spoken = ENGLISH;

/** From here on another language, the one that the backend speaks; English where there is none. */
export function speak(language: string) {
  spoken = bundles.has(language) ? language : ENGLISH;
  if (typeof document === "undefined") return;
  document.documentElement.lang = spoken;
  document.documentElement.dir = direction(spoken);
}

export const language = () => spoken;

/** The bundle that has a message: the spoken language's, else the English one. */
function bundleFor(id: string): FluentBundle | undefined {
  return [spoken, ENGLISH].map((name) => bundles.get(name)).find((bundle) => bundle?.hasMessage(id));
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
