// Every sentence on the pages comes from here: the same Fluent catalogues that the Rust side reads.

import type { Problem } from "./generated/view";
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

const catalogues = import.meta.glob("../../crates/words/locales/en/*.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

// Isolation marks would end up in copied text; all our languages so far run left to right.
const english = new FluentBundle("en", { useIsolating: false });
for (const text of Object.values(catalogues)) english.addResource(new FluentResource(text));

export type Values = Record<string, FluentVariable>;

/** The sentence for an id; the id itself when there is none, so that a gap is seen and found. */
export function words(id: string, values: Values = {}): string {
  const message = english.getMessage(id);
  return message?.value ? english.formatPattern(message.value, values) : id;
}

export function has(id: string): boolean {
  return english.getMessage(id)?.value != null;
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
  const action = english.getMessage(id)?.attributes["action"];
  return {
    code,
    number,
    message: words(id, details),
    action: action ? english.formatPattern(action, details) : "",
    details,
  };
}
