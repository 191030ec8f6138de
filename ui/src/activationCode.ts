// Formatting an activation code while it is typed.

/**
 * The backend's errors for a code that looks mistyped: the user compares it, and may use it
 * anyway.
 */
const TYPO_WARNINGS = [
  "activation_code.groups",
  "activation_code.missing",
  "activation_code.added",
  "activation_code.sentence",
  "activation_code.placeholder",
  "activation_code.begins_like_token",
];

/** Whether a problem is only a warning that the code looks mistyped. */
export function isTypoWarning(problem: { code: string } | null): boolean {
  return problem !== null && TYPO_WARNINGS.includes(problem.code);
}

/**
 * Formats a code in capitals, and in groups if the user typed none: of five for 17 to 20 symbols,
 * or else of four. Dashes and spaces don't count in a code, so this never changes which code it is.
 */
export function formatCode(typed: string): string {
  const groups = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}_\u00ad\u200b-\u200f\u2060\u2212\ufeff]+/gu, "-")
    .replace(/^-/, "")
    .split("-");
  // The user types groups of five with their dashes, but a dash was inserted after the fourth
  // symbol.
  const [four, one, rest] = groups.slice(-3);
  if (rest === "" && four?.length === 4 && one?.length === 1 && groups.slice(0, -3).every((group) => group.length === 5))
    groups.splice(-3, 3, four + one, "");
  const last = groups.length - 1;
  const fours = groups.every((group, index) => index === last || group.length === 4);
  if (!fours || (groups[last] ?? "") === "") return groups.join("-");
  const plain = groups.join("");
  const grouped = plain.length > 16 && plain.length <= 20 ? /.{1,5}/gu : /.{1,4}/gu;
  return (plain.match(grouped) ?? []).join("-");
}

/**
 * The position of the caret in the formatted text: after the same symbol as in the typed text, and
 * after a dash if the caret was right after one.
 */
export function caretAfter(formatted: string, beforeCaret: string): number {
  const before = countSymbols(beforeCaret);
  let index = 0;
  for (let seen = 0; seen < before && index < formatted.length; index++) {
    if (formatted[index] !== "-") seen++;
  }
  const dash = formatCode(beforeCaret).endsWith("-") && formatted[index] === "-";
  return dash ? index + 1 : index;
}

/** The number of symbols in a text, without dashes and spaces. */
export function countSymbols(text: string): number {
  return formatCode(text).replaceAll("-", "").length;
}

/** The length of a text in UTF-8, in bytes. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
