// Times and what is left of them, in the reader's own time zone.

import type { SeatView, StatusView } from "./generated/view";
import { language } from "./i18n";

// In the language of the words around them: the reader's own kind of it, if they have one.
function tag(): string {
  const spoken = language();
  const own = globalThis.navigator?.languages?.find(
    (name) => name.split("-")[0] === spoken && name !== "en-US-POSIX",
  );
  return own ?? (spoken === "en" ? "en-GB" : spoken);
}

const date = () => new Intl.DateTimeFormat(tag(), { dateStyle: "long" });
const time = () => new Intl.DateTimeFormat(tag(), { timeStyle: "short" });
const zoned = () => new Intl.DateTimeFormat(tag(), { timeStyle: "long" });

export const day = (at: string) => date().format(new Date(at));
export const moment = (at: string) => `${day(at)}, ${time().format(new Date(at))}`;
/** To the second, with the time zone: for support. */
export const exact = (at: string) => `${day(at)}, ${zoned().format(new Date(at))}`;
export const number = (count: number) => new Intl.NumberFormat(tag()).format(count);

export interface Left {
  unit: "days" | "hours" | "minutes" | "none";
  count: number;
  /** Days, the last one begun: 1 within the last 24 hours, 0 once it is over. */
  days: number;
  /** What is left of the whole lease, 0 to 1. */
  fraction: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * What is left of a lease at a moment (milliseconds since 1970), as a person counts: what has begun counts. The same as
 * `crates/lease/src/left.rs`, with which it shares the table of its tests.
 */
export function left(seat: Pick<SeatView, "lease_start" | "lease_expiry">, now: number): Left {
  const end = Date.parse(seat.lease_expiry);
  const rest = Math.max(end - now, 0);
  const whole = Math.max(end - Date.parse(seat.lease_start), 1);
  const fraction = Math.min(rest / whole, 1);
  const [minutes, hours, days] = [MINUTE, HOUR, DAY].map((unit) => Math.ceil(rest / unit)) as [number, number, number];
  if (rest <= 0) return { unit: "none", count: 0, days, fraction: 0 };
  if (minutes < 60) return { unit: "minutes", count: minutes, days, fraction };
  if (hours < 24) return { unit: "hours", count: hours, days, fraction };
  return { unit: "days", count: days, days, fraction };
}

/** How soon a lease ends; each is said with a little more emphasis than the one before. */
export type Ending = "far" | "soon" | "very_soon" | "today";

/**
 * A lease that is shorter than these steps isn't ending from its first moment on: more than half of it must
 * be over.
 */
export function ending({ unit, days, fraction }: Left): Ending {
  if (unit === "none" || fraction > 0.5 || days > 14) return "far";
  if (days > 3) return "soon";
  return unit === "days" ? "very_soon" : "today";
}

/** A moment by both clocks of the page: one runs on steadily, the other also while the computer sleeps. */
export interface Moment {
  steady: number;
  wall: number;
}

export const thisMoment = (): Moment => ({ steady: performance.now(), wall: Date.now() });

/** The backend's clock, carried on by the time that has passed since it was read; never back. */
export function carriedOn(status: Pick<StatusView, "now">, readAt: Moment, now: Moment): number {
  return Date.parse(status.now) + Math.max(now.steady - readAt.steady, now.wall - readAt.wall, 0);
}
