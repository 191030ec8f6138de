// How an activation code looks while it is typed.

/** What the backend says about a code that looks mistyped: the person compares it, and may use it all the same. */
const DOUBTS = [
  "activation_code.groups",
  "activation_code.missing",
  "activation_code.added",
  "activation_code.sentence",
  "activation_code.begins_like_token",
];

/** Whether a problem is only a doubt about the code. */
export function isDoubt(problem: { code: string } | null): boolean {
  return problem !== null && DOUBTS.includes(problem.code);
}

/**
 * Capitals, and groups where the person has none of their own: of four, or of five where there are more symbols than
 * in a code of four groups of four, up to four groups. Dashes and spaces don't count in a code, so this never changes
 * which code it is.
 */
export function formatCode(typed: string): string {
  const groups = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}_\u00ad\u200b-\u200f\u2060\u2212\ufeff]+/gu, "-")
    .replace(/^-/, "")
    .split("-");
  // A group of five that is typed with its dashes: ours came after the fourth symbol.
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
