// Which screen follows what. Pure: no DOM, no Tauri, no clock.

import type {
  AppView,
  DidView,
  InspectionView,
  OpenedView,
  Problem,
  ProductView,
  ReasonView,
  StatusView,
} from "./generated/view";

export type Screen =
  | { at: "loading" }
  | { at: "config-problem"; problem: Problem; file: string; line: number | null; text: string | null }
  | { at: "store-problem"; problem: Problem }
  | { at: "home" }
  | { at: "activate-code" }
  | { at: "renew" }
  | { at: "activate-request"; token: string }
  | { at: "activate-response" }
  | { at: "refresh" }
  /** Typing from paper, for the box of one of these. */
  | { at: "type-in"; for: "activate-response" | "refresh" }
  | { at: "done"; did: DidView }
  | { at: "deactivate" }
  | { at: "deactivation-token"; id: string }
  | { at: "details" }
  | { at: "help" };

export interface Wizard {
  screen: Screen;
  product: ProductView | null;
  status: StatusView | null;
  /** What is in the box for responses and refreshes. It stays when somebody goes back. */
  box: string;
  /** Text that came in from outside and hasn't been shown yet. */
  opened: string | null;
  /** Why the product has opened the wizard, until the first screen was chosen. */
  reason: ReasonView | null;
  /** What Home has to say first, or the screen where a text lands that came in with files that can't be read. */
  notice: Problem | null;
}

export type Event =
  | { is: "app-loaded"; app: AppView }
  | { is: "app-failed"; problem: Problem }
  | { is: "status-loaded"; status: StatusView }
  | { is: "status-failed"; problem: Problem }
  | { is: "opened"; opened: OpenedView }
  | { is: "opened-inspected"; inspection: InspectionView | null }
  | { is: "go"; to: "home" | "activate-code" | "renew" | "activate-response" | "refresh" | "deactivate" | "details" | "help" }
  | { is: "back" }
  | { is: "requested"; token: string; status: StatusView }
  | { is: "box-changed"; text: string }
  | { is: "type-in" }
  | { is: "typed"; text: string }
  | { is: "applied"; did: DidView; status: StatusView }
  | { is: "deactivated"; id: string; status: StatusView }
  | { is: "show-outbox"; id: string }
  | { is: "status-changed"; status: StatusView };

export const start: Wizard = {
  screen: { at: "loading" },
  product: null,
  status: null,
  box: "",
  opened: null,
  reason: null,
  notice: null,
};

/** What the state of the licence allows. */
export function offers(status: StatusView) {
  const licensed = status.state !== "not_activated";
  return {
    activate: status.may_request && status.outbox_has_room,
    /** A request beside the lease that runs. */
    renew: licensed && !status.may_request && status.outbox_has_room,
    refresh: licensed,
    deactivate: licensed,
    /** A response could be brought in. */
    respond: status.pending_requests > 0,
    /** Why activation isn't offered although the licence would allow it. */
    outboxFull: status.may_request && !status.outbox_has_room,
  };
}

/** The keyring can't be used, and the vendor allows a file instead. */
export function mayUseFile(problem: Problem, product: ProductView | null): boolean {
  return product?.file_helps_against.includes(problem.code) ?? false;
}

/** It isn't the computer that was activated any more, or hardly: the cure is a new request for the same seat. */
export function hasChanged({ hardware }: StatusView): boolean {
  return hardware?.verdict === "in_grace" || hardware?.verdict === "over";
}

/** The one action that Home puts first. */
export function firstAction(status: StatusView): "continue" | "activate" | "refresh" | "outbox" | null {
  const may = offers(status);
  if (may.refresh && !hasChanged(status)) return "refresh";
  if (may.respond && status.pending) return "continue";
  if (may.activate) return "activate";
  return status.outbox.length > 0 ? "outbox" : null;
}

export function step(wizard: Wizard, event: Event): Wizard {
  switch (event.is) {
    case "app-loaded": {
      const { config, opened, reason } = event.app;
      if (config.is === "broken") {
        const { problem, file, line, text } = config;
        return { ...wizard, screen: { at: "config-problem", problem, file, line, text } };
      }
      const loaded = { ...wizard, product: config.product, reason };
      return opened ? bringIn(loaded, opened) : loaded;
    }
    case "app-failed":
      return {
        ...wizard,
        screen: { at: "config-problem", problem: event.problem, file: "", line: null, text: null },
      };
    case "status-loaded":
      return firstScreen({ ...wizard, status: event.status });
    case "status-failed":
      return { ...wizard, status: null, screen: { at: "store-problem", problem: event.problem } };
    case "opened":
      return bringIn(wizard, event.opened);
    case "opened-inspected":
      return openedScreen(wizard, event.inspection);
    case "go":
      return allowed(wizard, event.to)
        ? { ...wizard, notice: null, screen: { at: event.to } }
        : wizard;
    case "back":
      return back(wizard);
    case "requested":
      return {
        ...wizard,
        status: event.status,
        screen: { at: "activate-request", token: event.token },
      };
    case "box-changed":
      return { ...wizard, box: event.text };
    case "type-in":
      return wizard.screen.at === "activate-response" || wizard.screen.at === "refresh"
        ? { ...wizard, screen: { at: "type-in", for: wizard.screen.at } }
        : wizard;
    case "typed":
      return wizard.screen.at === "type-in"
        ? { ...wizard, box: event.text, screen: { at: wizard.screen.for } }
        : wizard;
    case "applied":
      return {
        ...wizard,
        status: event.status,
        box: "",
        notice: null,
        screen: { at: "done", did: event.did },
      };
    case "deactivated":
      return {
        ...wizard,
        status: event.status,
        screen: { at: "deactivation-token", id: event.id },
      };
    case "show-outbox":
      return wizard.status?.outbox.some(({ id }) => id === event.id)
        ? { ...wizard, screen: { at: "deactivation-token", id: event.id } }
        : wizard;
    case "status-changed": {
      const changed = { ...wizard, status: event.status };
      return stillMakesSense(changed) ? changed : { ...changed, screen: { at: "home" } };
    }
  }
}

/** A screen that the state of the licence doesn't allow can't be reached. */
function allowed({ status }: Wizard, to: Screen["at"]): boolean {
  if (!status) return false;
  const may = offers(status);
  switch (to) {
    case "activate-code":
      return may.activate;
    case "renew":
      return may.renew;
    case "activate-response":
      return may.respond;
    case "refresh":
      return may.refresh;
    case "deactivate":
      return may.deactivate;
    default:
      return true;
  }
}

function stillMakesSense(wizard: Wizard): boolean {
  const { screen, status } = wizard;
  if (screen.at === "deactivation-token") {
    return status?.outbox.some(({ id }) => id === screen.id) ?? false;
  }
  if (screen.at === "type-in") return allowed(wizard, screen.for);
  if (screen.at === "activate-request") return allowed(wizard, "activate-response");
  return allowed(wizard, screen.at);
}

/** Where a request is made; the state of the licence allows one of them at most. */
const codeScreens = ["activate-code", "renew"] as const;

function back(wizard: Wizard): Wizard {
  const { screen } = wizard;
  switch (screen.at) {
    case "loading":
    case "config-problem":
    case "store-problem":
    case "home":
      return wizard;
    case "activate-request":
      return { ...wizard, screen: { at: codeScreens.find((at) => allowed(wizard, at)) ?? "home" } };
    case "type-in":
      return { ...wizard, screen: { at: screen.for } };
    default:
      return { ...wizard, notice: null, screen: { at: "home" } };
  }
}

/** Where the product wants the person to begin, if the licence's state allows it and nothing waits on Home. */
function firstScreen(wizard: Wizard): Wizard {
  const { reason, status, opened, notice } = wizard;
  const screens = { activate: "activate-code", refresh: "refresh", deactivate: "deactivate" } as const;
  const waits = opened !== null || notice !== null || (reason === "activate" && (status?.pending_requests ?? 0) > 0);
  const at = reason === null || waits ? "home" : screens[reason];
  return { ...wizard, reason: null, screen: { at: allowed(wizard, at) ? at : "home" } };
}

/** Files came in: at the start, with a later start, or dropped onto the window. */
function bringIn(wizard: Wizard, opened: OpenedView): Wizard {
  if (opened.is === "text") return { ...wizard, opened: opened.text, notice: opened.skipped };
  const seen = wizard.status !== null && wizard.screen.at !== "loading" && wizard.screen.at !== "store-problem";
  return { ...wizard, notice: opened.problem, screen: seen ? { at: "home" } : wizard.screen };
}

/** Where a text belongs that the wizard was started with; it is in the box in any case. */
function openedScreen(wizard: Wizard, inspection: InspectionView | null): Wizard {
  const { opened } = wizard;
  if (opened === null) return wizard;
  const held: Wizard = { ...wizard, opened: null, box: opened };
  const kind = inspection && "kind" in inspection ? inspection.kind : null;
  const wanted = kind === "refresh" ? ["refresh", "activate-response"] : ["activate-response", "refresh"];
  for (const at of wanted as ("refresh" | "activate-response")[]) {
    if (allowed(held, at)) return { ...held, screen: { at } };
  }
  // Nothing can be applied here: say what the text is, on Home.
  const problem = inspection?.outcome === "error" ? inspection.problem : null;
  return { ...held, box: "", notice: problem ?? wizard.notice, screen: { at: "home" } };
}
