// How a row of a token looks while it is typed from paper.

/** Capitals in groups of five, whatever stands between them. */
export function formatRow(typed: string): string {
  return (symbolsOf(typed).match(/.{1,5}/gu) ?? []).join(" ");
}

/** The letters and digits of what was typed, in capitals. */
export function symbolsOf(typed: string): string {
  return typed.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** Where the caret belongs in the formatted row: behind the same symbol as in what was typed. */
export function caretInRow(formatted: string, beforeCaret: string): number {
  const before = symbolsOf(beforeCaret).length;
  let index = 0;
  for (let seen = 0; seen < before && index < formatted.length; index++) {
    if (formatted[index] !== " ") seen++;
  }
  return index;
}

/** A row letter by letter, with a pause between groups: what a screen reader says of it. */
export function spelled(typed: string): string {
  return (symbolsOf(typed).match(/.{1,5}/gu) ?? []).map((group) => [...group].join(" ")).join(", ");
}

/** How every picture's frame of a token begins (docs/token-format.md, section 6.3). */
const FRAME = /LKQRF/i;

/** What is in the box after something came in: pictures of one token come one after the other. */
export function together(box: string, next: string): string {
  return FRAME.test(box) && FRAME.test(next) ? `${box.trimEnd()}\n${next}` : next;
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Whether these texts of pictures are a whole token: one that isn't a frame, or as many frames as the first one says. */
export function isComplete(texts: string[]): boolean {
  const frames = texts.map((text) => text.toUpperCase().split("LKQRF")[1]);
  const first = frames[0];
  if (frames.some((frame) => frame === undefined) || first === undefined) return texts.length > 0;
  return frames.length > ALPHABET.indexOf(first[2] ?? "0");
}
