import { expect, it } from "vitest";
import { listed } from "../src/features";
import { around, direction, has, problemOf, speak, words } from "../src/i18n";

const sources = import.meta.glob("../src/**/*.{svelte,ts}", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

it("every sentence that the pages ask for is in the catalogue", () => {
  const asked = new Set<string>();
  for (const text of Object.values(sources)) {
    for (const [, id] of text.matchAll(/["`](wizard-[a-z_-]*[a-z])["`]/g)) asked.add(id!);
  }
  expect(asked.size).toBeGreaterThan(60);
  expect([...asked].filter((id) => !has(id))).toEqual([]);
});

it("so is every sentence whose id is put together", () => {
  const made = [
    ...["request-one", "refresh-one", "deactivated-one"].map((id) => `${id}-no-portal`),
    ...["not-activated", "active", "grace", "expired"].flatMap((chip) => [
      `home-chip-${chip}`,
      `home-${chip}`,
      `home-${chip}-how`,
    ]),
    ...["days", "hours", "minutes", "none"].map((unit) => `left-${unit}`),
    ...["response", "refresh"].map((kind) => `box-ready-${kind}`),
    ...["activated", "refreshed", "already"].flatMap((did) => [`done-${did}`, `done-${did}-how`]),
    ...["licence", "computer", "programme"].map((group) => `details-${group}`),
  ];
  expect(made.map((id) => `wizard-${id}`).filter((id) => !has(id))).toEqual([]);
});

it("no sentence stands in a component", () => {
  const offenders = Object.entries(sources)
    .filter(([path]) => path.endsWith(".svelte"))
    .filter(([, text]) => {
      const markup = text.replace(/<(script|style)[\s\S]*?<\/\1>|<!--[\s\S]*?-->|\{[^{}]*\}/g, "");
      return />[^<>{}]*[A-Za-z]{3,}[^<>{}]*</.test(markup.replace(/=>/g, ""));
    })
    .map(([path]) => path);
  expect(offenders).toEqual([]);
});

it("numbers get their plural and a value can be set apart", () => {
  expect(words("wizard-token-copied", { count: 1 })).not.toBe(words("wizard-token-copied", { count: 2 }));
  const [before, after] = around("wizard-request-one", "portal");
  expect(before + "x" + after).toBe(words("wizard-request-one", { portal: "x" }));
});

it("an id without a sentence is shown as it is", () => {
  expect(words("wizard-nowhere")).toBe("wizard-nowhere");
  expect(problemOf("wizard.interrupted", 6500, {}).action).not.toBe("");
});

it("features are listed by their names, with their numbers", () => {
  expect(
    listed([
      { key: "export", count: null },
      { key: "render_nodes", count: 8 },
    ]),
  ).toBe("Export, 8 render nodes");
});

it("another language is spoken when the backend speaks it, and English where there is none", () => {
  const english = words("wizard-home-activate");
  speak("de");
  expect(words("wizard-home-activate")).not.toBe(english);
  expect(listed([])).toBe(words("wizard-home-nothing-extra"));
  speak("xx");
  expect(words("wizard-home-activate")).toBe(english);
});

it("the page runs the way its language runs", () => {
  expect(["en", "de", "ar", "he", "fa-IR"].map(direction)).toEqual(["ltr", "ltr", "rtl", "rtl", "rtl"]);
});
