import { expect, test } from "vitest";
import { caretInRow, formatRow, isComplete, spelled, symbolsOf, together } from "../src/rows";

test("a row is shown in capitals and groups of five, however it is typed", () => {
  expect(formatRow("446jb1bb8m 9a7-gq")).toBe("446JB 1BB8M 9A7GQ");
  expect(formatRow(" １２３４５６")).toBe("12345 6");
  expect(formatRow("")).toBe("");
  expect(formatRow(formatRow("ab cdef"))).toBe(formatRow("abcdef"));
});

test("the caret stays behind the symbol that was typed last", () => {
  expect(caretInRow("446JB 1BB8M", "446J")).toBe(4);
  expect(caretInRow("446JB 1BB8M", "446jb")).toBe(5);
  expect(caretInRow("446JB 1BB8M", "446jb1")).toBe(7);
  expect(caretInRow("446JB", "446jb extra symbols")).toBe(5);
});

test("a row is spelled letter by letter, group by group", () => {
  expect(spelled("446jb 1b")).toBe("4 4 6 J B, 1 B");
  expect(symbolsOf("a-ß 1")).toBe("ASS1");
});

test("frames of pictures gather in the box, everything else replaces it", () => {
  expect(together("HTTPS://H/A/LKQRF2…\n", "lkqrf1…")).toBe("HTTPS://H/A/LKQRF2…\nlkqrf1…");
  expect(together("LKANS…", "LKQRF1…")).toBe("LKQRF1…");
  expect(together("LKQRF1…", "LKANS…")).toBe("LKANS…");
});

test("a token is whole with one picture that is no frame, or with all of its frames", () => {
  expect(isComplete([])).toBe(false);
  expect(isComplete(["LKANS…"])).toBe(true);
  const frames = ["HTTPS://H/A/LKQRF202…", "https://h/a/lkqrf212…", "LKQRF222…"];
  expect([1, 2, 3].map((count) => isComplete(frames.slice(0, count)))).toEqual([false, false, true]);
});
