// Tests of how a row of a token is formatted and spelled while it is typed from paper.

import { expect, test } from "vitest";
import { caretInRow, formatRow, spell, symbolsOf } from "../src/rows";

test("a row is shown in capitals and groups of five, however it is typed", () => {
  expect(formatRow("446jb1bb8m 9a7-gq")).toBe("446JB 1BB8M 9A7GQ");
  expect(formatRow(" １２３４５６")).toBe("12345 6");
  expect(formatRow("")).toBe("");
  expect(formatRow(formatRow("ab cdef"))).toBe(formatRow("abcdef"));
});

test("the caret stays after the symbol that was typed last", () => {
  expect(caretInRow("446JB 1BB8M", "446J")).toBe(4);
  expect(caretInRow("446JB 1BB8M", "446jb")).toBe(5);
  expect(caretInRow("446JB 1BB8M", "446jb1")).toBe(7);
  expect(caretInRow("446JB", "446jb extra symbols")).toBe(5);
});

test("a row is spelled symbol by symbol with pauses between groups", () => {
  expect(spell("446jb 1b")).toBe("4 4 6 J B, 1 B");
  expect(symbolsOf("a-ß 1")).toBe("ASS1");
});
