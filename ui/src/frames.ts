// A token that is spread over several QR codes, called frames (docs/token-format.md, section 6.3).

/** The start of every frame's text. */
const FRAME = /LKQRF/i;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * The text in the box after something came in: a frame is added to other frames, everything else
 * replaces the text.
 */
export function joinFrames(text: string, next: string): string {
  return FRAME.test(text) && FRAME.test(next) ? `${text.trimEnd()}\n${next}` : next;
}

/**
 * Whether these texts of QR codes are a whole token: one that isn't a frame, or as many frames as
 * the first one states.
 */
export function isWholeToken(texts: string[]): boolean {
  const frames = texts.map((text) => text.toUpperCase().split("LKQRF")[1]);
  const first = frames[0];
  if (frames.some((frame) => frame === undefined) || first === undefined) return texts.length > 0;
  return frames.length > ALPHABET.indexOf(first[2] ?? "0");
}
