// Tests of dates and of the time that is left of a lease.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { currentTime, timeLeft, urgency } from "../src/time";

const lease = { lease_start: "2026-11-16T13:00:00Z", lease_expiry: "2026-12-16T13:00:00Z" };
const at = (time: string) => timeLeft(lease, Date.parse(time));

// The same table as for the Rust implementation.
const table = readFileSync("../crates/lease/src/left.csv", "utf8").trim().split("\n").slice(1);

it.each(table.map((line) => line.split(",") as [string, string, string, string]))(
  "at %s there are %s left: %s, and in days %s",
  (now, unit, count, days) => {
    const month = { lease_start: "2027-01-01T12:00:00Z", lease_expiry: "2027-01-31T12:00:00Z" };
    expect(timeLeft(month, Date.parse(now))).toMatchObject({ unit, count: Number(count), days: Number(days) });
  },
);

it("the ring is full at the start, half in the middle and empty at the end", () => {
  expect(at("2026-11-16T13:00:00Z").fraction).toBe(1);
  expect(at("2026-12-01T13:00:00Z").fraction).toBeCloseTo(0.5);
  expect(at("2026-12-16T13:00:00Z").fraction).toBe(0);
  // Before the start of the lease the ring isn't more than full.
  expect(at("2026-01-01T00:00:00Z").fraction).toBe(1);
});

it("the backend's time is advanced by the page's clocks and never goes back", () => {
  const status = { now: "2026-11-23T12:00:00Z" };
  const read = { monotonic: 1000, wall: 500_000 };
  const later = (monotonic: number, wall: number) =>
    (currentTime(status, read, { monotonic: 1000 + monotonic, wall: 500_000 + wall }) - Date.parse(status.now)) / 1000;
  expect(later(60_000, 60_000)).toBe(60);
  // The computer slept for an hour, in which the monotonic clock stood still.
  expect(later(0, 3_600_000)).toBe(3600);
  // The computer's clock was set back.
  expect(later(60_000, -3_600_000)).toBe(60);
  expect(later(0, -1)).toBe(0);
});

it.each([
  ["2026-11-30T13:00:00Z", "far"],
  ["2026-12-02T12:59:59Z", "far"],
  ["2026-12-02T13:00:00Z", "soon"],
  ["2026-12-13T12:59:59Z", "soon"],
  ["2026-12-13T13:00:00Z", "very_soon"],
  ["2026-12-15T13:59:59Z", "very_soon"],
  ["2026-12-15T14:00:00Z", "today"],
  ["2026-12-16T12:59:59Z", "today"],
  ["2026-12-16T13:00:00Z", "far"],
])("at %s the expiry of a month's lease is %s", (time, level) => {
  expect(urgency(at(time))).toBe(level);
});

it("a short lease isn't urgent when it has just begun", () => {
  const day = { lease_start: "2026-11-16T13:00:00Z", lease_expiry: "2026-11-17T13:00:00Z" };
  expect(urgency(timeLeft(day, Date.parse("2026-11-16T14:00:00Z")))).toBe("far");
  expect(urgency(timeLeft(day, Date.parse("2026-11-17T02:00:00Z")))).toBe("today");
});
