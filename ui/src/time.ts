// Dates, and the time that is left of a lease, in the reader's own time zone.

import type { SeatView, StatusView } from "./generated/view";
import { language } from "./i18n";

/**
 * The locale for dates and numbers: the reader's own variant of the pages' language, if they have
 * one.
 */
function locale(): string {
  const current = language();
  const own = globalThis.navigator?.languages?.find(
    (name) => name.split("-")[0] === current && name !== "en-US-POSIX",
  );
  return own ?? (current === "en" ? "en-GB" : current);
}

const dateFormat = () => new Intl.DateTimeFormat(locale(), { dateStyle: "long" });
const timeFormat = (timeStyle: "short" | "long") => new Intl.DateTimeFormat(locale(), { timeStyle });

export const formatDate = (time: string) => dateFormat().format(new Date(time));
export const formatDateTime = (time: string) => `${formatDate(time)}, ${timeFormat("short").format(new Date(time))}`;
/** To the second and with the time zone, for support. */
export const formatExactTime = (time: string) => `${formatDate(time)}, ${timeFormat("long").format(new Date(time))}`;
export const formatNumber = (count: number) => new Intl.NumberFormat(locale()).format(count);

export interface TimeLeft {
  unit: "days" | "hours" | "minutes" | "none";
  count: number;
  /**
   * Days, where a day that has begun counts: 1 in the last 24 hours, 0 once the lease has expired.
   */
  days: number;
  /** The share of the whole lease that is left, from 0 to 1. */
  fraction: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The time that is left of a lease at `now`, in milliseconds since 1970. A unit that has begun
 * counts, as people count. `crates/lease/src/left.rs` computes the same; both are tested with the
 * same table.
 */
export function timeLeft(seat: Pick<SeatView, "lease_start" | "lease_expiry">, now: number): TimeLeft {
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

/** How soon a lease expires; each level gets a little more emphasis than the one before. */
export type Urgency = "far" | "soon" | "very_soon" | "today";

/**
 * How urgent a refresh is. A lease that is shorter than these limits isn't urgent from its first
 * moment on: more than half of it must be over.
 */
export function urgency({ unit, days, fraction }: TimeLeft): Urgency {
  if (unit === "none" || fraction > 0.5 || days > 14) return "far";
  if (days > 3) return "soon";
  return unit === "days" ? "very_soon" : "today";
}

/**
 * One reading of both clocks of the page: the monotonic one stops while the computer sleeps, the
 * wall clock may be set.
 */
export interface ClockReading {
  monotonic: number;
  wall: number;
}

export const readClocks = (): ClockReading => ({ monotonic: performance.now(), wall: Date.now() });

/**
 * The backend's time, advanced by the time that has passed since the status was read. It never goes
 * back.
 */
export function currentTime(status: Pick<StatusView, "now">, readAt: ClockReading, now: ClockReading): number {
  return Date.parse(status.now) + Math.max(now.monotonic - readAt.monotonic, now.wall - readAt.wall, 0);
}
