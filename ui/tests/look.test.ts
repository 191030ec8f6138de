import { expect, it } from "vitest";
import { accents, contrast } from "../src/look";

const rgb = (hex: string) =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as readonly [number, number, number];

it.each(["#3b5bdb", "#ffff00", "#000000", "#ffffff", "#e03131", "#12b886", "nonsense", null])(
  "whatever colour the vendor chose (%s), it is legible in both themes",
  (colour) => {
    const { light, dark } = accents(colour);
    for (const [accent, ground] of [
      [light, "#f7f7f8"],
      [dark, "#202125"],
    ] as const) {
      expect(contrast(rgb(accent.fill), rgb(ground))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(rgb(accent.fill), rgb(accent.on))).toBeGreaterThanOrEqual(4.5);
    }
  },
);

it("a colour that is legible already stays as it is", () => {
  expect(accents("#3b5bdb").light.fill).toBe("#3b5bdb");
});
