// How an activation code looks while it is typed.

/**
 * Capitals, and groups of four where the person has no grouping of their own. Dashes and spaces don't
 * count in a code, so this never changes which code it is.
 */
export function formatCode(typed: string): string {
  const groups = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}_\u00ad\u200b-\u200f\u2060\u2212\ufeff]+/gu, "-")
    .replace(/^-/, "")
    .split("-");
  const last = groups.length - 1;
  const fours = groups.every((group, index) => index === last || group.length === 4);
  if (!fours || (groups[last] ?? "") === "") return groups.join("-");
  return (groups.join("").match(/.{1,4}/gu) ?? []).join("-");
}

/**
 * Where the caret belongs in the formatted text: behind the same symbol as in the typed text, and behind a
 * dash that stood right before it.
 */
export function caretAfter(formatted: string, beforeCaret: string): number {
  const before = symbols(beforeCaret);
  let index = 0;
  for (let seen = 0; seen < before && index < formatted.length; index++) {
    if (formatted[index] !== "-") seen++;
  }
  const dash = formatCode(beforeCaret).endsWith("-") && formatted[index] === "-";
  return dash ? index + 1 : index;
}

/** Number of symbols in a piece of text, dashes and spaces not counted. */
export function symbols(text: string): number {
  return formatCode(text).replaceAll("-", "").length;
}

/** Length of a text in UTF-8. */
export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
