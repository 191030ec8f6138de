// Tests of how the frames of a token are collected, one QR code after another.

import { expect, test } from "vitest";
import { isWholeToken, joinFrames } from "../src/frames";

test("frames are collected in the box, and everything else replaces the text", () => {
  expect(joinFrames("HTTPS://H/A/LKQRF2…\n", "lkqrf1…")).toBe("HTTPS://H/A/LKQRF2…\nlkqrf1…");
  expect(joinFrames("LKANS…", "LKQRF1…")).toBe("LKQRF1…");
  expect(joinFrames("LKQRF1…", "LKANS…")).toBe("LKANS…");
});

test("a token is whole with one code that isn't a frame, or with all of its frames", () => {
  expect(isWholeToken([])).toBe(false);
  expect(isWholeToken(["LKANS…"])).toBe(true);
  const frames = ["HTTPS://H/A/LKQRF202…", "https://h/a/lkqrf212…", "LKQRF222…"];
  expect([1, 2, 3].map((count) => isWholeToken(frames.slice(0, count)))).toEqual([false, false, true]);
});
