// Tests of how an activation code is formatted while it is typed.

import { describe, expect, it } from "vitest";
import { utf8Length, caretAfter, formatCode, isTypoWarning, countSymbols } from "../src/activationCode";

describe("an activation code while it is typed", () => {
  it.each([
    ["acme", "ACME"],
    ["acmeb", "ACME-B"],
    ["ACME-BCDEF", "ACME-BCDE-F"],
    ["  acme b10e\u00a02v26 ", "ACME-B10E-2V26-"],
    ["acme–b10e—2v26", "ACME-B10E-2V26"],
    ["ACME-", "ACME-"],
    // Codes that the licensing server generates have four groups of five.
    ["2v7kxm9qxe3trhg8npw6", "2V7KX-M9QXE-3TRHG-8NPW6"],
    ["2v7kx m9qxe 3trhg 8npw6", "2V7KX-M9QXE-3TRHG-8NPW6"],
    ["kw7m3rtz9phcx2vb", "KW7M-3RTZ-9PHC-X2VB"],
    // The user's own groups stay.
    ["abc-defgh-i", "ABC-DEFGH-I"],
    ["ＡＢ１", "AB1"],
    // Invalid characters stay visible, and the backend reports them.
    ["ab#c", "AB#C"],
    ["", ""],
  ])("%j becomes %j", (typed, wanted) => {
    expect(formatCode(typed)).toBe(wanted);
  });

  /**
   * Types into a field as on the page: each key is inserted at the caret, then the text is
   * formatted.
   */
  function type(keys: string, field = "", caret = field.length): [string, number] {
    for (const key of keys) {
      const before = field.slice(0, caret) + key;
      const typed = before + field.slice(caret);
      field = formatCode(typed);
      caret = caretAfter(field, before);
    }
    return [field, caret];
  }

  it.each(["2v7kxm9qxe3trhg8npw6", "2v7kx-m9qxe-3trhg-8npw6", "2v7kx m9qxe 3trhg 8npw6", "acmeb10e2v26q", "acme b10e 2v26 q", "acme-b10e-2v26-q", "abc-defgh-i", "acme  b"])(
    "%j is the same whether it is typed key by key or pasted",
    (keys) => {
      const [field, caret] = type(keys);
      expect(field).toBe(formatCode(keys));
      expect(caret).toBe(field.length);
    },
  );

  it("keeps the caret in place when a symbol is inserted in the middle", () => {
    expect(type("x", "ACE-B10E", 2)).toEqual(["ACXE-B10E", 3]);
  });

  it("can be deleted key by key", () => {
    let field = "ACME-B10E-2";
    for (let key = 0; key < 20 && field !== ""; key++) field = formatCode(field.slice(0, -1));
    expect(field).toBe("");
  });

  it("keeps the caret after the same symbol", () => {
    expect(caretAfter("ACME-B10E", "acme")).toBe(4);
    expect(caretAfter("ACME-B10E", "acme-")).toBe(5);
    expect(caretAfter("ACME-B10E", "acmeb")).toBe(6);
    expect(caretAfter("ACME-B10E", "acmeb10e")).toBe(9);
  });

  it("gets a warning instead of an error if it only looks mistyped", () => {
    for (const code of ["activation_code.groups", "activation_code.missing", "activation_code.added"])
      expect(isTypoWarning({ code })).toBe(true);
    expect(isTypoWarning({ code: "activation_code.symbol" })).toBe(false);
    expect(isTypoWarning(null)).toBe(false);
  });

  it("is measured in symbols without dashes, and a seat name in bytes", () => {
    expect(countSymbols("acme-b1")).toBe(6);
    expect(utf8Length("Büro")).toBe(5);
  });
});
