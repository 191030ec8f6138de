// The messages that the backend hands to the pages, from the catalogues themselves.

import type { CatalogueView } from "../src/generated/view";

const files = import.meta.glob("../../crates/i18n/locales/*/{wizard,device}.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

/** The messages of a language. */
export function catalogueOf(language: string): CatalogueView {
  const texts = Object.entries(files).filter(([path]) => path.split("/").at(-2) === language);
  const names = { program: "latchkey-wizard", command_line: "latchkey", config_file: "latchkey.toml" };
  return { language, messages: texts.map(([, text]) => text).join("\n"), names };
}
