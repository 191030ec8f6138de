import { describe, expect, it } from "vitest";
import { type Event, firstAction, mayUseFile, offers, start, step, type Wizard } from "../src/flow";
import type { AppView, Problem, ProductView, SeatView, StatusView } from "../src/generated/view";

const product: ProductView = {
  vendor: "Acme",
  name: "Acme CAD",
  portal: null,
  help: null,
  accent: null,
  logo: null,
  computer_name: "drawing-4",
  file_helps_against: ["store.no_session"],
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
  surroundings: { kind: "computer", by: "none" },
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

const loaded = (opened: AppView["opened"] = null, reason: AppView["reason"] = null): Event => ({
  is: "app-loaded",
  app: { version: "0.1.0", language: "en", config: { is: "ready", product }, opened, reason },
});

function run(...events: Event[]): Wizard {
  return events.reduce(step, start);
}

const home = (status: StatusView) => run(loaded(), { is: "status-loaded", status });

describe("the start", () => {
  it("shows Home when the state is known", () => {
    expect(home(empty).screen.at).toBe("home");
  });

  it("explains a broken configuration instead", () => {
    const broken: Event = {
      is: "app-loaded",
      app: { version: "", language: "en", config: { is: "broken", problem, file: "latchkey.toml", line: 3, text: "name = " }, opened: null, reason: null },
    };
    expect(run(broken).screen).toMatchObject({ at: "config-problem", file: "latchkey.toml", line: 3, text: "name = " });
  });

  it("explains a store that can't be used, and gets over it", () => {
    const failed = run(loaded(), { is: "status-failed", problem });
    expect(failed.screen.at).toBe("store-problem");
    expect(step(failed, { is: "status-loaded", status: active }).screen.at).toBe("home");
  });
});

it("the file is offered against a missing keyring only, and only where the vendor allows it", () => {
  const because = (code: string): Problem => ({ ...problem, code });
  expect(mayUseFile(because("store.no_session"), product)).toBe(true);
  expect(mayUseFile(because("store.damaged"), product)).toBe(false);
  expect(mayUseFile(because("store.no_session"), { ...product, file_helps_against: [] })).toBe(false);
  expect(mayUseFile(because("store.no_session"), null)).toBe(false);
});

describe("what is offered", () => {
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
    expect(offers(status)).toEqual(wanted);
  });

  it.each([
    [empty, "activate"],
    [waiting, "continue"],
    [active, "refresh"],
    [expired, "refresh"],
    [changed, "activate"],
    [{ ...changed, pending: waiting.pending, pending_requests: 1 }, "continue"],
    [{ ...deactivated, outbox_has_room: false }, "outbox"],
  ] as const)("one action comes first (%#)", (status, wanted) => {
    expect(firstAction(status)).toBe(wanted);
  });

  it("nothing else can be reached", () => {
    for (const to of ["refresh", "deactivate", "activate-response"] as const) {
      expect(step(home(empty), { is: "go", to }).screen.at).toBe("home");
    }
    expect(step(home(active), { is: "go", to: "activate-code" }).screen.at).toBe("home");
    for (const status of [empty, expired, changed, { ...active, outbox_has_room: false }]) {
      expect(step(home(status), { is: "go", to: "renew" }).screen.at).toBe("home");
    }
    expect(step(start, { is: "go", to: "details" }).screen.at).toBe("loading");
  });
});

describe("an activation", () => {
  const requested: Event = { is: "requested", token: "LKREQ", status: waiting };

  it("goes from the code to Done and Home", () => {
    let wizard = step(home(empty), { is: "go", to: "activate-code" });
    expect(wizard.screen.at).toBe("activate-code");
    wizard = step(wizard, requested);
    expect(wizard.screen).toEqual({ at: "activate-request", token: "LKREQ" });
    wizard = step(wizard, { is: "go", to: "activate-response" });
    wizard = step(wizard, { is: "box-changed", text: "LKANS" });
    wizard = step(wizard, { is: "applied", did: "activated", status: active });
    expect(wizard.screen).toEqual({ at: "done", did: "activated" });
    expect(wizard.box).toBe("");
    expect(step(wizard, { is: "go", to: "home" }).screen.at).toBe("home");
  });

  it("renews a licence that runs, and Home says all along that it runs", () => {
    const renewing: StatusView = { ...active, pending_requests: 1, pending: waiting.pending };
    let wizard = step(home(active), { is: "go", to: "renew" });
    expect(wizard.screen.at).toBe("renew");
    expect(step(wizard, { is: "back" }).screen.at).toBe("home");
    // The licence was deactivated meanwhile.
    expect(step(wizard, { is: "status-changed", status: empty }).screen.at).toBe("home");
    wizard = step(wizard, { is: "requested", token: "LKREQ", status: renewing });
    expect(wizard.screen).toEqual({ at: "activate-request", token: "LKREQ" });
    expect(step(wizard, { is: "back" }).screen.at).toBe("renew");
    expect([firstAction(renewing), offers(renewing).respond]).toEqual(["refresh", true]);
    wizard = step(wizard, { is: "go", to: "activate-response" });
    wizard = step(wizard, { is: "applied", did: "activated", status: active });
    expect(wizard.screen).toEqual({ at: "done", did: "activated" });
  });

  it.each(["activate-response", "refresh"] as const)("typing from paper comes back to %s with the token", (to) => {
    const status = { ...active, state: "lease_expired", pending_requests: 1, pending: waiting.pending } as const;
    const typing = step(step(home(status), { is: "go", to }), { is: "type-in" });
    expect(typing.screen).toEqual({ at: "type-in", for: to });
    expect(step(typing, { is: "back" }).screen.at).toBe(to);
    const back = step(typing, { is: "typed", text: "LKANS" });
    expect([back.screen.at, back.box]).toEqual([to, "LKANS"]);
    expect(step(typing, { is: "status-changed", status: empty }).screen.at).toBe("home");
    expect(step(home(status), { is: "type-in" }).screen.at).toBe("home");
  });

  it("keeps its place after a restart: the request is shown again", () => {
    const wizard = home(waiting);
    expect(offers(wizard.status!).respond).toBe(true);
    expect(step(wizard, requested).screen.at).toBe("activate-request");
  });

  it("keeps what is in the box when somebody goes back", () => {
    let wizard = step(home(waiting), { is: "go", to: "activate-response" });
    wizard = step(wizard, { is: "box-changed", text: "half a token" });
    wizard = step(wizard, { is: "back" });
    expect(wizard.screen.at).toBe("home");
    wizard = step(step(wizard, requested), { is: "go", to: "activate-response" });
    expect(wizard.box).toBe("half a token");
  });

  it("goes Home when the request it was waiting for is gone", () => {
    const wizard = step(home(waiting), { is: "go", to: "activate-response" });
    expect(step(wizard, { is: "status-changed", status: empty }).screen.at).toBe("home");
  });
});

describe("a deactivation", () => {
  it("shows the token, and leaves it on Home until it is handed in", () => {
    let wizard = step(home(active), { is: "go", to: "deactivate" });
    wizard = step(wizard, { is: "deactivated", id: "aa", status: deactivated });
    expect(wizard.screen).toEqual({ at: "deactivation-token", id: "aa" });
    wizard = step(wizard, { is: "go", to: "home" });
    wizard = step(wizard, { is: "show-outbox", id: "aa" });
    expect(wizard.screen).toEqual({ at: "deactivation-token", id: "aa" });
    wizard = step(wizard, { is: "status-changed", status: empty });
    expect(wizard.screen.at).toBe("home");
    expect(step(wizard, { is: "show-outbox", id: "aa" }).screen.at).toBe("home");
  });
});

describe("a token file that the wizard was started with", () => {
  const opened = loaded({ is: "text", text: "some text", skipped: null });
  const inspected = (kind: "response" | "refresh"): Event => ({
    is: "opened-inspected",
    inspection: { outcome: "ready", kind, lease_expiry: null, repaired: 0, tokens: 1 },
  });

  it.each([
    [waiting, inspected("response"), "activate-response"],
    [active, inspected("refresh"), "refresh"],
    [active, inspected("response"), "refresh"],
    [expired, inspected("refresh"), "refresh"],
  ] as const)("lands on the right screen, in the box (%#)", (status, event, at) => {
    const wizard = run(opened, { is: "status-loaded", status }, event);
    expect(wizard.screen.at).toBe(at);
    expect(wizard.box).toBe("some text");
    expect(wizard.opened).toBeNull();
  });

  it("is explained on Home where nothing can be applied", () => {
    const wizard = run(
      opened,
      { is: "status-loaded", status: empty },
      { is: "opened-inspected", inspection: { outcome: "error", problem, kind: "response" } },
    );
    expect(wizard.screen.at).toBe("home");
    expect(wizard.notice).toEqual(problem);
  });

  it("that can't be read is explained on Home", () => {
    const wizard = run(loaded({ is: "unreadable", problem }), { is: "status-loaded", status: empty });
    expect(wizard.screen.at).toBe("home");
    expect(wizard.notice).toEqual(problem);
  });
});

describe("a product that opens the wizard", () => {
  const begin = (reason: AppView["reason"], status: StatusView) =>
    run(loaded(null, reason), { is: "status-loaded", status }).screen.at;

  it("lets it begin where its reason is put right", () => {
    expect(begin("activate", empty)).toBe("activate-code");
    expect(begin("refresh", expired)).toBe("refresh");
    expect(begin("deactivate", active)).toBe("deactivate");
    expect(begin(null, expired)).toBe("home");
  });

  it("can't begin what the state doesn't allow, or what has begun already", () => {
    expect(begin("activate", active)).toBe("home");
    expect(begin("refresh", empty)).toBe("home");
    expect(begin("activate", waiting)).toBe("home");
  });

  it("has its reason once: looking again stays on Home", () => {
    const begun = run(loaded(null, "refresh"), { is: "status-loaded", status: expired });
    expect(step(begun, { is: "status-loaded", status: expired }).screen.at).toBe("home");
  });
});

it("a file that is opened while the wizard is open lands where it belongs", () => {
  const opened: Event = { is: "opened", opened: { is: "text", text: "LKANS", skipped: null } };
  const ready: Event = {
    is: "opened-inspected",
    inspection: { outcome: "ready", kind: "refresh", lease_expiry: null, repaired: 0, tokens: 1 },
  };
  const wizard = [{ is: "go", to: "details" } as const, opened, ready].reduce(step, home(active));
  expect(wizard).toMatchObject({ screen: { at: "refresh" }, box: "LKANS", opened: null });
});

it("files that can't be read are told where the text of the others lands, until it is left", () => {
  const opened: Event = { is: "opened", opened: { is: "text", text: "LKANS", skipped: problem } };
  const ready: Event = {
    is: "opened-inspected",
    inspection: { outcome: "ready", kind: "refresh", lease_expiry: null, repaired: 0, tokens: 1 },
  };
  const landed = [opened, ready].reduce(step, home(active));
  expect(landed).toMatchObject({ screen: { at: "refresh" }, box: "LKANS", notice: problem });
  expect(step(landed, { is: "back" })).toMatchObject({ screen: { at: "home" }, notice: null });
});

it("a file that can't be read is named on Home, and the box stays as it is", () => {
  const held = [
    { is: "go", to: "refresh" } as const,
    { is: "box-changed", text: "LKREF" } as const,
    { is: "opened", opened: { is: "unreadable", problem } } as const,
  ].reduce<Wizard>(step, home(active));
  expect(held).toMatchObject({ screen: { at: "home" }, notice: problem, box: "LKREF" });
});

it("a file that comes while the keyring can't be used waits until it can", () => {
  const wizard = run(loaded(), { is: "status-failed", problem }, { is: "opened", opened: { is: "text", text: "LKANS", skipped: null } });
  expect(wizard).toMatchObject({ screen: { at: "store-problem" }, opened: "LKANS" });
});
