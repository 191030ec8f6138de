// The vendor's accent colour, adjusted for legibility in both themes (WCAG 2.2, contrast of at
// least 4.5:1).

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [16, 18, 27];
/** The backgrounds of the two themes, as in theme.css. */
const LIGHT: Rgb = [247, 247, 248];
const DARK: Rgb = [32, 33, 37];
const FALLBACK: Rgb = [59, 91, 219];

export interface Accent {
  /** The colour of buttons and of the ring. */
  fill: string;
  /** The colour of text on the fill. */
  on: string;
}

/** The accent colours of both themes, from the vendor's colour or the default one. */
export function accentColours(colour: string | null): { light: Accent; dark: Accent } {
  const base = parse(colour) ?? FALLBACK;
  const light = blendUntil(base, INK, (c) => contrast(c, LIGHT) >= 4.5);
  const dark = blendUntil(base, WHITE, (c) => contrast(c, DARK) >= 6);
  return { light: accent(light), dark: accent(dark) };
}

function accent(fill: Rgb): Accent {
  return { fill: hex(fill), on: hex(contrast(fill, WHITE) >= contrast(fill, INK) ? WHITE : INK) };
}

function parse(colour: string | null): Rgb | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour ?? "");
  return found ? [parseInt(found[1]!, 16), parseInt(found[2]!, 16), parseInt(found[3]!, 16)] : null;
}

/** Blends a colour with another, in small steps, until it is good enough. */
function blendUntil(from: Rgb, to: Rgb, enough: (colour: Rgb) => boolean): Rgb {
  for (let part = 0; part < 1; part += 0.04) {
    const mixed = from.map((value, i) => Math.round(value + (to[i]! - value) * part)) as unknown as Rgb;
    if (enough(mixed)) return mixed;
  }
  return to;
}

/** The contrast ratio of two colours (WCAG 2.2), from 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function hex(colour: Rgb): string {
  return "#" + colour.map((value) => value.toString(16).padStart(2, "0")).join("");
}
