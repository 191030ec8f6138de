// Tests of the catalogue's sentences in the pages: none is missing, and values are put into them.

import { expect, it } from "vitest";
import { formatFeatures } from "../src/features";
import { direction, hasMessage, localProblem, setCatalogue, split, t } from "../src/i18n";
import { catalogueOf } from "./catalogues";

const sources = import.meta.glob("../src/**/*.{svelte,ts}", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

it("every message id in the sources is in the catalogue", () => {
  const asked = new Set<string>();
  for (const text of Object.values(sources)) {
    for (const [, id] of text.matchAll(/["`](wizard-[a-z_-]*[a-z])["`]/g)) asked.add(id!);
  }
  expect(asked.size).toBeGreaterThan(60);
  expect([...asked].filter((id) => !hasMessage(id))).toEqual([]);
});

it("every message id that is built at run time is in the catalogue", () => {
  const made = [
    ...["request-one", "refresh-one", "deactivated-one"].map((id) => `${id}-no-portal`),
    ...["not-activated", "active", "grace", "expired"].flatMap((chip) => [
      `home-chip-${chip}`,
      `home-${chip}`,
      `home-${chip}-how`,
    ]),
    ...["days", "hours", "minutes", "none"].map((unit) => `left-${unit}`),
    ...["response", "refresh"].map((kind) => `box-ready-${kind}`),
    ...["activated", "refreshed", "already"].flatMap((outcome) => [`done-${outcome}`, `done-${outcome}-how`]),
    ...["licence", "computer", "programme"].map((group) => `details-${group}`),
  ];
  expect(made.map((id) => `wizard-${id}`).filter((id) => !hasMessage(id))).toEqual([]);
});

it("no component contains a text of its own", () => {
  const offenders = Object.entries(sources)
    .filter(([path]) => path.endsWith(".svelte"))
    .filter(([, text]) => {
      const markup = text.replace(/<(script|style)[\s\S]*?<\/\1>|<!--[\s\S]*?-->|\{[^{}]*\}/g, "");
      return />[^<>{}]*[A-Za-z]{3,}[^<>{}]*</.test(markup.replace(/=>/g, ""));
    })
    .map(([path]) => path);
  expect(offenders).toEqual([]);
});

it("every message is found by its id, and by nothing else in its text", () => {
  const ids = [...catalogueOf("en").messages.matchAll(/^([a-z][\w-]*) =/gm)].map(([, id]) => id!);
  expect(ids.length).toBeGreaterThan(300);
  for (const id of ids) expect(hasMessage(id), id).toBe(true);
  expect(["", "#", "one", "other"].filter((id) => hasMessage(id))).toEqual([]);
});

it("numbers have plural forms, and a message can be split at a value", () => {
  expect(t("wizard-token-copied", { count: 1 })).not.toBe(t("wizard-token-copied", { count: 2 }));
  const [before, after] = split("wizard-request-one", "portal");
  expect(before + "x" + after).toBe(t("wizard-request-one", { portal: "x" }));
});

it("messages have the names that programs and files have here", () => {
  const names = { program: "acme-cad", command_line: "acme-cad-cli", config_file: "licence.toml" };
  setCatalogue({ ...catalogueOf("en"), names });
  expect(t("wizard-store-outbox-elsewhere", { count: 1 })).toContain("“acme-cad-cli outbox”");
  expect(localProblem("config.not_found", 4001, { path: "" }).action).toContain("licence.toml");
  setCatalogue(catalogueOf("en"));
});

it("an id without a message is shown as it is", () => {
  expect(t("wizard-nowhere")).toBe("wizard-nowhere");
  expect(localProblem("wizard.interrupted", 6500, {}).action).not.toBe("");
});

it("features are listed by name, with their numbers", () => {
  expect(
    formatFeatures([
      { key: "export", count: null },
      { key: "render_nodes", count: 8 },
    ]),
  ).toBe("Export, 8 render nodes");
});

it("the pages speak the language whose messages the backend has handed to them", () => {
  const english = t("wizard-home-activate");
  setCatalogue(catalogueOf("de"));
  expect(t("wizard-home-activate")).not.toBe(english);
  expect(formatFeatures([])).toBe(t("wizard-home-nothing-extra"));
  setCatalogue(catalogueOf("en"));
});

it("the writing direction is that of the language", () => {
  expect(["en", "de", "ar", "he", "fa-IR"].map(direction)).toEqual(["ltr", "ltr", "rtl", "rtl", "rtl"]);
});
