// Formatting a row of a token while it is typed from paper.

/** Formats a row in capitals and in groups of five. */
export function formatRow(typed: string): string {
  return (symbolsOf(typed).match(/.{1,5}/gu) ?? []).join(" ");
}

/** The letters and digits of a text, in capitals. */
export function symbolsOf(typed: string): string {
  return typed.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** The position of the caret in the formatted row: after the same symbol as in the typed text. */
export function caretInRow(formatted: string, beforeCaret: string): number {
  const before = symbolsOf(beforeCaret).length;
  let index = 0;
  for (let seen = 0; seen < before && index < formatted.length; index++) {
    if (formatted[index] !== " ") seen++;
  }
  return index;
}

/** Spells a row for screen readers: symbol by symbol, with a pause between groups. */
export function spell(typed: string): string {
  return (symbolsOf(typed).match(/.{1,5}/gu) ?? []).map((group) => [...group].join(" ")).join(", ");
}
