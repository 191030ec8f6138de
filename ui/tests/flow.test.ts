// Tests of the reducer that decides which screen is shown.

import { describe, expect, it } from "vitest";
import { allowedActions, firstAction, initialState, mayUseFile, reducer, stateFrom, type Wizard, type WizardEvent } from "../src/flow";
import type { AppView, Problem, ProductView, SeatView, StatusView } from "../src/generated/view";

const product: ProductView = {
  vendor: "Acme",
  name: "Acme CAD",
  portal: null,
  help: null,
  accent: { light: { fill: "#3b5bdb", on: "#ffffff" }, dark: { fill: "#899de9", on: "#10121b" } },
  logo: null,
  computer_name: "drawing-4",
  file_store_solves: ["store.no_session"],
  max_seat_name_bytes: 64,
};

const seat: SeatView = {
  id: "00112233445566aa",
  name: "Drawing office 4",
  activated_at: "2026-11-16T13:00:00Z",
  lease_start: "2026-11-16T13:00:00Z",
  lease_expiry: "2026-12-16T13:00:00Z",
  grace_end: null,
  features: [],
};

const problem: Problem = { code: "x.y", number: 1, message: "", action: "", details: {} };

const empty: StatusView = {
  now: "2026-11-23T12:00:00Z",
  state: "not_activated",
  in_grace: false,
  seat: null,
  pending_requests: 0,
  pending: null,
  outbox: [],
  outbox_has_room: true,
  may_request: true,
  clock: "right",
  over_by_clock: false,
  hardware: null,
  environment: { kind: "computer", by: "none" },
};
const waiting: StatusView = {
  ...empty,
  pending_requests: 1,
  pending: { seat_name: "Drawing office 4", created_at: "2026-11-23T11:00:00Z" },
};
const active: StatusView = { ...empty, state: "active", seat, may_request: false };
const expired: StatusView = { ...active, state: "lease_expired", may_request: true };
const changed: StatusView = {
  ...active,
  may_request: true,
  hardware: { verdict: "in_grace", reason: null, until: "2027-01-08T00:00:00Z", changed: ["system disk"] },
};
const entry = { id: "aa", seat_id: seat.id, created_at: empty.now, token: "LKDAC" };
const deactivated: StatusView = { ...empty, outbox: [entry] };

const app = (opened_files: AppView["opened_files"] = null, reason: AppView["reason"] = null): AppView => ({
  version: "0.1.0",
  config: { type: "ready", product },
  opened_files,
  reason,
});
const loaded = (...args: Parameters<typeof app>): WizardEvent => ({ type: "app-loaded", app: app(...args) });

function run(...events: WizardEvent[]): Wizard {
  return events.reduce(reducer, initialState);
}

const home = (status: StatusView) => run(loaded(), { type: "status-loaded", status });

describe("the start", () => {
  it("shows what the backend knew when the window was opened, without asking", () => {
    expect(stateFrom({ app: app(), status: active })).toEqual(home(active));
    expect(stateFrom({ app: app(), status: null })).toEqual(run(loaded()));
    expect(stateFrom(null)).toEqual(initialState);
  });

  it("shows Home when the state is known", () => {
    expect(home(empty).screen.name).toBe("home");
  });

  it("explains a broken configuration instead", () => {
    const broken: WizardEvent = {
      type: "app-loaded",
      app: {
        ...app(),
        config: { type: "broken", problem, file: "latchkey.toml", line: 3, text: "name = " },
      },
    };
    expect(run(broken).screen).toMatchObject({ name: "config-problem", file: "latchkey.toml", line: 3, text: "name = " });
  });

  it("explains a store that can't be used, and recovers from it", () => {
    const failed = run(loaded(), { type: "status-failed", problem });
    expect(failed.screen.name).toBe("store-problem");
    expect(reducer(failed, { type: "status-loaded", status: active }).screen.name).toBe("home");
  });
});

it("a file store is only offered if the keyring is missing and the vendor allows it", () => {
  const because = (code: string): Problem => ({ ...problem, code });
  expect(mayUseFile(because("store.no_session"), product)).toBe(true);
  expect(mayUseFile(because("store.damaged"), product)).toBe(false);
  expect(mayUseFile(because("store.no_session"), { ...product, file_store_solves: [] })).toBe(false);
  expect(mayUseFile(because("store.no_session"), null)).toBe(false);
});

describe("the actions on Home", () => {
  it.each([
    ["not activated", empty, { activate: true, renew: false, refresh: false, deactivate: false, respond: false, outboxFull: false }],
    ["waiting", waiting, { activate: true, renew: false, refresh: false, deactivate: false, respond: true, outboxFull: false }],
    ["active", active, { activate: false, renew: true, refresh: true, deactivate: true, respond: false, outboxFull: false }],
    ["expired", expired, { activate: true, renew: false, refresh: true, deactivate: true, respond: false, outboxFull: false }],
    ["changed", changed, { activate: true, renew: false, refresh: true, deactivate: true, respond: false, outboxFull: false }],
    [
      "outbox full",
      { ...deactivated, outbox_has_room: false },
      { activate: false, renew: false, refresh: false, deactivate: false, respond: false, outboxFull: true },
    ],
  ])("%s", (_, status, wanted) => {
    expect(allowedActions(status)).toEqual(wanted);
  });

  it.each([
    [empty, "activate"],
    [waiting, "continue"],
    [active, "refresh"],
    [expired, "refresh"],
    [changed, "activate"],
    [{ ...changed, pending: waiting.pending, pending_requests: 1 }, "continue"],
    [{ ...deactivated, outbox_has_room: false }, "outbox"],
  ] as const)("emphasise one action (%#)", (status, wanted) => {
    expect(firstAction(status)).toBe(wanted);
  });

  it("are the only way to other screens", () => {
    for (const to of ["refresh", "deactivate", "activate-response"] as const) {
      expect(reducer(home(empty), { type: "go", to }).screen.name).toBe("home");
    }
    expect(reducer(home(active), { type: "go", to: "activate-code" }).screen.name).toBe("home");
    for (const status of [empty, expired, changed, { ...active, outbox_has_room: false }]) {
      expect(reducer(home(status), { type: "go", to: "renew" }).screen.name).toBe("home");
    }
    expect(reducer(initialState, { type: "go", to: "details" }).screen.name).toBe("loading");
  });
});

describe("an activation", () => {
  const requested: WizardEvent = { type: "requested", token: "LKREQ", status: waiting };

  it("goes from the code to Done and Home", () => {
    let wizard = reducer(home(empty), { type: "go", to: "activate-code" });
    expect(wizard.screen.name).toBe("activate-code");
    wizard = reducer(wizard, requested);
    expect(wizard.screen).toEqual({ name: "activate-request", token: "LKREQ" });
    wizard = reducer(wizard, { type: "go", to: "activate-response" });
    wizard = reducer(wizard, { type: "text-changed", text: "LKANS" });
    wizard = reducer(wizard, { type: "applied", outcome: "activated", status: active });
    expect(wizard.screen).toEqual({ name: "done", outcome: "activated" });
    expect(wizard.tokenText).toBe("");
    expect(reducer(wizard, { type: "go", to: "home" }).screen.name).toBe("home");
  });

  it("renews an active licence, which stays active on Home meanwhile", () => {
    const renewing: StatusView = { ...active, pending_requests: 1, pending: waiting.pending };
    let wizard = reducer(home(active), { type: "go", to: "renew" });
    expect(wizard.screen.name).toBe("renew");
    expect(reducer(wizard, { type: "back" }).screen.name).toBe("home");
    // The licence was deactivated meanwhile.
    expect(reducer(wizard, { type: "status-changed", status: empty }).screen.name).toBe("home");
    wizard = reducer(wizard, { type: "requested", token: "LKREQ", status: renewing });
    expect(wizard.screen).toEqual({ name: "activate-request", token: "LKREQ" });
    expect(reducer(wizard, { type: "back" }).screen.name).toBe("renew");
    expect([firstAction(renewing), allowedActions(renewing).respond]).toEqual(["refresh", true]);
    wizard = reducer(wizard, { type: "go", to: "activate-response" });
    wizard = reducer(wizard, { type: "applied", outcome: "activated", status: active });
    expect(wizard.screen).toEqual({ name: "done", outcome: "activated" });
  });

  it.each(["activate-response", "refresh"] as const)("typing from paper returns to %s with the token", (to) => {
    const status = { ...active, state: "lease_expired", pending_requests: 1, pending: waiting.pending } as const;
    const typing = reducer(reducer(home(status), { type: "go", to }), { type: "type-in" });
    expect(typing.screen).toEqual({ name: "type-in", returnTo: to });
    expect(reducer(typing, { type: "back" }).screen.name).toBe(to);
    const back = reducer(typing, { type: "typed", text: "LKANS" });
    expect([back.screen.name, back.tokenText]).toEqual([to, "LKANS"]);
    expect(reducer(typing, { type: "status-changed", status: empty }).screen.name).toBe("home");
    expect(reducer(home(status), { type: "type-in" }).screen.name).toBe("home");
  });

  it("continues after a restart with the pending request", () => {
    const wizard = home(waiting);
    expect(allowedActions(wizard.status!).respond).toBe(true);
    expect(reducer(wizard, requested).screen.name).toBe("activate-request");
  });

  it("keeps the text in the box when the user goes back", () => {
    let wizard = reducer(home(waiting), { type: "go", to: "activate-response" });
    wizard = reducer(wizard, { type: "text-changed", text: "half a token" });
    wizard = reducer(wizard, { type: "back" });
    expect(wizard.screen.name).toBe("home");
    wizard = reducer(reducer(wizard, requested), { type: "go", to: "activate-response" });
    expect(wizard.tokenText).toBe("half a token");
  });

  it("returns to Home when the pending request is gone", () => {
    const wizard = reducer(home(waiting), { type: "go", to: "activate-response" });
    expect(reducer(wizard, { type: "status-changed", status: empty }).screen.name).toBe("home");
  });
});

describe("a deactivation", () => {
  it("shows the token, and keeps it on Home until it is delivered", () => {
    let wizard = reducer(home(active), { type: "go", to: "deactivate" });
    wizard = reducer(wizard, { type: "deactivated", id: "aa", status: deactivated });
    expect(wizard.screen).toEqual({ name: "deactivation-token", id: "aa" });
    wizard = reducer(wizard, { type: "go", to: "home" });
    wizard = reducer(wizard, { type: "show-outbox", id: "aa" });
    expect(wizard.screen).toEqual({ name: "deactivation-token", id: "aa" });
    wizard = reducer(wizard, { type: "status-changed", status: empty });
    expect(wizard.screen.name).toBe("home");
    expect(reducer(wizard, { type: "show-outbox", id: "aa" }).screen.name).toBe("home");
  });
});

describe("a token file that the wizard was started with", () => {
  const opened = loaded({ type: "text", text: "some text", skipped: null });
  const inspected = (kind: "response" | "refresh"): WizardEvent => ({
    type: "text-inspected",
    inspection: { outcome: "ready", kind, lease_expiry: null, repaired: 0, tokens: 1, has_part: false },
  });

  it.each([
    [waiting, inspected("response"), "activate-response"],
    [active, inspected("refresh"), "refresh"],
    [active, inspected("response"), "refresh"],
    [expired, inspected("refresh"), "refresh"],
  ] as const)("is in the box on the right screen (%#)", (status, event, at) => {
    const wizard = run(opened, { type: "status-loaded", status }, event);
    expect(wizard.screen.name).toBe(at);
    expect(wizard.tokenText).toBe("some text");
    expect(wizard.openedText).toBeNull();
  });

  it("is explained on Home if nothing can be applied", () => {
    const wizard = run(
      opened,
      { type: "status-loaded", status: empty },
      { type: "text-inspected", inspection: { outcome: "error", problem, kind: "response" } },
    );
    expect(wizard.screen.name).toBe("home");
    expect(wizard.problemToShow).toEqual(problem);
  });

  it("that can't be read is explained on Home", () => {
    const wizard = run(loaded({ type: "unreadable", problem }), { type: "status-loaded", status: empty });
    expect(wizard.screen.name).toBe("home");
    expect(wizard.problemToShow).toEqual(problem);
  });
});

describe("a product that opens the wizard", () => {
  const begin = (reason: AppView["reason"], status: StatusView) =>
    run(loaded(null, reason), { type: "status-loaded", status }).screen.name;

  it("starts it on the screen for its reason", () => {
    expect(begin("activate", empty)).toBe("activate-code");
    expect(begin("refresh", expired)).toBe("refresh");
    expect(begin("deactivate", active)).toBe("deactivate");
    expect(begin(null, expired)).toBe("home");
  });

  it("starts it on Home if the state doesn't allow the screen or a request is pending", () => {
    expect(begin("activate", active)).toBe("home");
    expect(begin("refresh", empty)).toBe("home");
    expect(begin("activate", waiting)).toBe("home");
  });

  it("determines only the first screen", () => {
    const begun = run(loaded(null, "refresh"), { type: "status-loaded", status: expired });
    expect(reducer(begun, { type: "status-loaded", status: expired }).screen.name).toBe("home");
  });
});

it("a file that is opened while the wizard runs is in the box on the right screen", () => {
  const opened: WizardEvent = { type: "files-opened", files: { type: "text", text: "LKANS", skipped: null } };
  const ready: WizardEvent = {
    type: "text-inspected",
    inspection: { outcome: "ready", kind: "refresh", lease_expiry: null, repaired: 0, tokens: 1, has_part: false },
  };
  const wizard = [{ type: "go", to: "details" } as const, opened, ready].reduce(reducer, home(active));
  expect(wizard).toMatchObject({ screen: { name: "refresh" }, tokenText: "LKANS", openedText: null });
});

it("the inspection of dropped files is used for their text and no other one", () => {
  const inspection = { outcome: "ready", kind: "refresh", lease_expiry: null, repaired: 0, tokens: 1, has_part: false } as const;
  const dropped = reducer(home(active), { type: "text-changed", text: "LKREF", inspection });
  expect(dropped).toMatchObject({ tokenText: "LKREF", inspection });
  expect(reducer(dropped, { type: "text-changed", text: "LKREF." })).toMatchObject({ inspection: null });
});

it("an opened text is inspected once, and again after anything else has happened", () => {
  const inspection = { outcome: "ready", kind: "refresh", lease_expiry: null, repaired: 0, tokens: 1, has_part: false } as const;
  const wizard = [
    { type: "files-opened", files: { type: "text", text: "LKANS", skipped: null } } as const,
    { type: "text-inspected", inspection } as const,
  ].reduce<Wizard>(reducer, home(active));
  expect(wizard).toMatchObject({ screen: { name: "refresh" }, inspection });
  expect(reducer(wizard, { type: "status-changed", status: active })).toMatchObject({ tokenText: "LKANS", inspection: null });
});

it("unreadable files are reported on the screen with the text of the others, until it is left", () => {
  const opened: WizardEvent = { type: "files-opened", files: { type: "text", text: "LKANS", skipped: problem } };
  const ready: WizardEvent = {
    type: "text-inspected",
    inspection: { outcome: "ready", kind: "refresh", lease_expiry: null, repaired: 0, tokens: 1, has_part: false },
  };
  const landed = [opened, ready].reduce(reducer, home(active));
  expect(landed).toMatchObject({ screen: { name: "refresh" }, tokenText: "LKANS", problemToShow: problem });
  expect(reducer(landed, { type: "back" })).toMatchObject({ screen: { name: "home" }, problemToShow: null });
});

it("an unreadable file is reported on Home, and the text in the box stays", () => {
  const held = [
    { type: "go", to: "refresh" } as const,
    { type: "text-changed", text: "LKREF" } as const,
    { type: "files-opened", files: { type: "unreadable", problem } } as const,
  ].reduce<Wizard>(reducer, home(active));
  expect(held).toMatchObject({ screen: { name: "home" }, problemToShow: problem, tokenText: "LKREF" });
});

it("a file that is opened while the keyring is unavailable is kept until it is available", () => {
  const wizard = run(loaded(), { type: "status-failed", problem }, { type: "files-opened", files: { type: "text", text: "LKANS", skipped: null } });
  expect(wizard).toMatchObject({ screen: { name: "store-problem" }, openedText: "LKANS" });
});
