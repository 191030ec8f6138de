import { expect, it } from "vitest";
import { carriedOn, left } from "../src/time";

const lease = { lease_start: "2026-11-16T13:00:00Z", lease_expiry: "2026-12-16T13:00:00Z" };
const at = (time: string) => left(lease, Date.parse(time));

it.each([
  ["2026-11-23T12:59:59Z", "days", 23],
  ["2026-11-23T13:00:01Z", "days", 22],
  ["2026-12-15T13:00:00Z", "days", 1],
  ["2026-12-15T13:00:01Z", "hours", 23],
  ["2026-12-16T12:00:00Z", "hours", 1],
  ["2026-12-16T12:00:01Z", "minutes", 59],
  ["2026-12-16T12:59:59Z", "minutes", 1],
  ["2026-12-16T13:00:00Z", "none", 0],
  ["2027-01-01T00:00:00Z", "none", 0],
])("at %s there are %s left: %d", (time, unit, count) => {
  expect(at(time)).toMatchObject({ unit, count });
});

it("the ring is full at the start, half in the middle and empty at the end", () => {
  expect(at("2026-11-16T13:00:00Z").fraction).toBe(1);
  expect(at("2026-12-01T13:00:00Z").fraction).toBeCloseTo(0.5);
  expect(at("2026-12-16T13:00:00Z").fraction).toBe(0);
  // A clock before the start promises no more than a full ring.
  expect(at("2026-01-01T00:00:00Z").fraction).toBe(1);
});

it("the backend's clock is carried on, and never back", () => {
  const status = { now: "2026-11-23T12:00:00Z" } as Parameters<typeof carriedOn>[0];
  expect(carriedOn(status, 1000, 61_000)).toBe(Date.parse("2026-11-23T12:01:00Z"));
  expect(carriedOn(status, 1000, 0)).toBe(Date.parse("2026-11-23T12:00:00Z"));
});
