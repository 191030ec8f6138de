import { expect, it } from "vitest";
import { accentColours, contrast } from "../src/accent";

const rgb = (hex: string) =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as readonly [number, number, number];

it.each(["#3b5bdb", "#ffff00", "#000000", "#ffffff", "#e03131", "#12b886", "nonsense", null])(
  "the vendor's colour %s is made legible in both themes",
  (colour) => {
    const { light, dark } = accentColours(colour);
    for (const [accent, ground] of [
      [light, "#f7f7f8"],
      [dark, "#202125"],
    ] as const) {
      expect(contrast(rgb(accent.fill), rgb(ground))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(rgb(accent.fill), rgb(accent.on))).toBeGreaterThanOrEqual(4.5);
    }
  },
);

it("a colour that is already legible stays unchanged", () => {
  expect(accentColours("#3b5bdb").light.fill).toBe("#3b5bdb");
});

it("every colour of a fine grid has enough contrast with both backgrounds of its theme and with its text", () => {
  const steps = Array.from({ length: 18 }, (_, step) => (step * 15).toString(16).padStart(2, "0"));
  let worst = Infinity;
  for (const r of steps) {
    for (const g of steps) {
      for (const b of steps) {
        const { light, dark } = accentColours(`#${r}${g}${b}`);
        for (const [accent, grounds] of [
          [light, ["#f7f7f8", "#ffffff"]],
          [dark, ["#17181b", "#202125"]],
        ] as const) {
          for (const ground of [...grounds, accent.on]) worst = Math.min(worst, contrast(rgb(accent.fill), rgb(ground)));
        }
      }
    }
  }
  expect(worst).toBeGreaterThanOrEqual(4.5);
});
