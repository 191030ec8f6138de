import { describe, expect, it } from "vitest";
import { bytes, caretAfter, formatCode, symbols } from "../src/code";

describe("an activation code while it is typed", () => {
  it.each([
    ["acme", "ACME"],
    ["acmeb", "ACME-B"],
    ["ACME-BCDEF", "ACME-BCDE-F"],
    ["  acme b10e\u00a02v26 ", "ACME-B10E-2V26-"],
    ["acme–b10e—2v26", "ACME-B10E-2V26"],
    ["ACME-", "ACME-"],
    // A grouping of the person's own stays.
    ["abc-defgh-i", "ABC-DEFGH-I"],
    ["ＡＢ１", "AB1"],
    // What can't be in a code stays visible: the backend says what is wrong with it.
    ["ab#c", "AB#C"],
    ["", ""],
  ])("%j becomes %j", (typed, wanted) => {
    expect(formatCode(typed)).toBe(wanted);
  });

  it("is the same whether it is typed key by key or pasted", () => {
    let field = "";
    for (const key of "acmeb10e2v26q") field = formatCode(field + key);
    expect(field).toBe(formatCode("acmeb10e2v26q"));
  });

  it("can be deleted key by key", () => {
    let field = "ACME-B10E-2";
    for (let key = 0; key < 20 && field !== ""; key++) field = formatCode(field.slice(0, -1));
    expect(field).toBe("");
  });

  it("keeps the caret behind the same symbol", () => {
    expect(caretAfter("ACME-B10E", 4)).toBe(4);
    expect(caretAfter("ACME-B10E", 5)).toBe(6);
    expect(caretAfter("ACME-B10E", 8)).toBe(9);
  });

  it("counts symbols, not dashes, and bytes, not letters", () => {
    expect(symbols("acme-b1")).toBe(6);
    expect(bytes("Büro")).toBe(5);
  });
});
