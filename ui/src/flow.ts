// The wizard's state machine: which screen follows which event. It is pure: no DOM, no Tauri, no
// clock.

import type {
  AppView,
  ApplyOutcomeView,
  FirstView,
  InspectionView,
  OpenedFiles,
  Problem,
  ProductView,
  ReasonView,
  StatusView,
} from "./generated/view";

export type Screen =
  | { name: "loading" }
  | { name: "config-problem"; problem: Problem; file: string; line: number | null; text: string | null }
  | { name: "store-problem"; problem: Problem }
  | { name: "home" }
  | { name: "activate-code" }
  | { name: "renew" }
  | { name: "activate-request"; token: string }
  | { name: "activate-response" }
  | { name: "refresh" }
  /** Typing a token from paper, for one of these screens. */
  | { name: "type-in"; returnTo: "activate-response" | "refresh" }
  | { name: "done"; outcome: ApplyOutcomeView }
  | { name: "deactivate" }
  | { name: "deactivation-token"; id: string }
  | { name: "details" }
  | { name: "help" };

export interface Wizard {
  screen: Screen;
  product: ProductView | null;
  status: StatusView | null;
  /** The text in the box for responses and refreshes. It stays there when the user goes back. */
  tokenText: string;
  /** What is known of the text when it is put into the box; only the box uses it, once. */
  inspection: InspectionView | null;
  /** Text that was opened from outside the pages and isn't in the box yet. */
  openedText: string | null;
  /** Why the product has opened the wizard, until the first screen was chosen. */
  reason: ReasonView | null;
  /**
   * A problem to show on Home, or on the screen with the opened text if some of its files can't be
   * read.
   */
  problemToShow: Problem | null;
}

/** The screens that a button can open. */
type Destination =
  | "home"
  | "activate-code"
  | "renew"
  | "activate-response"
  | "refresh"
  | "deactivate"
  | "details"
  | "help";

export type WizardEvent =
  | { type: "app-loaded"; app: AppView }
  | { type: "app-failed"; problem: Problem }
  | { type: "status-loaded"; status: StatusView }
  | { type: "status-failed"; problem: Problem }
  | { type: "files-opened"; files: OpenedFiles }
  | { type: "text-inspected"; inspection: InspectionView | null }
  | { type: "go"; to: Destination }
  | { type: "back" }
  | { type: "requested"; token: string; status: StatusView }
  | { type: "text-changed"; text: string; inspection?: InspectionView | null }
  | { type: "type-in" }
  | { type: "typed"; text: string }
  | { type: "applied"; outcome: ApplyOutcomeView; status: StatusView }
  | { type: "deactivated"; id: string; status: StatusView }
  | { type: "show-outbox"; id: string }
  | { type: "status-changed"; status: StatusView };

export const initialState: Wizard = {
  screen: { name: "loading" },
  product: null,
  status: null,
  tokenText: "",
  inspection: null,
  openedText: null,
  reason: null,
  problemToShow: null,
};

/** The actions that the state of the licence allows. */
export function allowedActions(status: StatusView) {
  const licensed = status.state !== "not_activated";
  return {
    activate: status.may_request && status.outbox_has_room,
    /** A request while the lease is valid. */
    renew: licensed && !status.may_request && status.outbox_has_room,
    refresh: licensed,
    deactivate: licensed,
    /** A response would be accepted. */
    respond: status.pending_requests > 0,
    /** Only the full outbox prevents an activation. */
    outboxFull: status.may_request && !status.outbox_has_room,
  };
}

/** Whether a file store solves this problem with the keyring, and the vendor allows it. */
export function mayUseFile(problem: Problem, product: ProductView | null): boolean {
  return product?.file_store_solves.includes(problem.code) ?? false;
}

/** Whether the hardware has changed so much that a new request for the same seat is needed. */
export function hasHardwareChanged({ hardware }: StatusView): boolean {
  return hardware?.verdict === "in_grace" || hardware?.verdict === "over";
}

/** The action that Home emphasises. */
export function firstAction(status: StatusView): "continue" | "activate" | "refresh" | "outbox" | null {
  const may = allowedActions(status);
  if (may.refresh && !hasHardwareChanged(status)) return "refresh";
  if (may.respond && status.pending) return "continue";
  if (may.activate) return "activate";
  return status.outbox.length > 0 ? "outbox" : null;
}

/** The state in which the pages start. */
export function stateFrom(first: FirstView | null): Wizard {
  if (!first) return initialState;
  const { app, status } = first;
  const loaded = reducer(initialState, { type: "app-loaded", app });
  return status ? reducer(loaded, { type: "status-loaded", status }) : loaded;
}

export function reducer(wizard: Wizard, event: WizardEvent): Wizard {
  // Every event may change what a text means, so an inspection is never kept.
  return transition({ ...wizard, inspection: null }, event);
}

function transition(wizard: Wizard, event: WizardEvent): Wizard {
  switch (event.type) {
    case "app-loaded": {
      const { config, opened_files: files, reason } = event.app;
      if (config.type === "broken") {
        const { problem, file, line, text } = config;
        return { ...wizard, screen: { name: "config-problem", problem, file, line, text } };
      }
      const loaded = { ...wizard, product: config.product, reason };
      return files ? openText(loaded, files) : loaded;
    }
    case "app-failed":
      return {
        ...wizard,
        screen: { name: "config-problem", problem: event.problem, file: "", line: null, text: null },
      };
    case "status-loaded":
      return firstScreen({ ...wizard, status: event.status });
    case "status-failed":
      return { ...wizard, status: null, screen: { name: "store-problem", problem: event.problem } };
    case "files-opened":
      return openText(wizard, event.files);
    case "text-inspected":
      return showOpenedText(wizard, event.inspection);
    case "go":
      return isAllowed(wizard, event.to)
        ? { ...wizard, problemToShow: null, screen: { name: event.to } }
        : wizard;
    case "back":
      return back(wizard);
    case "requested":
      return {
        ...wizard,
        status: event.status,
        screen: { name: "activate-request", token: event.token },
      };
    case "text-changed":
      return { ...wizard, tokenText: event.text, inspection: event.inspection ?? null };
    case "type-in":
      return wizard.screen.name === "activate-response" || wizard.screen.name === "refresh"
        ? { ...wizard, screen: { name: "type-in", returnTo: wizard.screen.name } }
        : wizard;
    case "typed":
      return wizard.screen.name === "type-in"
        ? { ...wizard, tokenText: event.text, screen: { name: wizard.screen.returnTo } }
        : wizard;
    case "applied":
      return {
        ...wizard,
        status: event.status,
        tokenText: "",
        problemToShow: null,
        screen: { name: "done", outcome: event.outcome },
      };
    case "deactivated":
      return {
        ...wizard,
        status: event.status,
        screen: { name: "deactivation-token", id: event.id },
      };
    case "show-outbox":
      return wizard.status?.outbox.some(({ id }) => id === event.id)
        ? { ...wizard, screen: { name: "deactivation-token", id: event.id } }
        : wizard;
    case "status-changed": {
      const changed = { ...wizard, status: event.status };
      return isStillValid(changed) ? changed : { ...changed, screen: { name: "home" } };
    }
  }
}

/** Whether the state of the licence allows a screen. */
function isAllowed({ status }: Wizard, to: Screen["name"]): boolean {
  if (!status) return false;
  const may = allowedActions(status);
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

/** Whether the current screen still fits the state of the licence. */
function isStillValid(wizard: Wizard): boolean {
  const { screen, status } = wizard;
  if (screen.name === "deactivation-token") {
    return status?.outbox.some(({ id }) => id === screen.id) ?? false;
  }
  if (screen.name === "type-in") return isAllowed(wizard, screen.returnTo);
  if (screen.name === "activate-request") return isAllowed(wizard, "activate-response");
  return isAllowed(wizard, screen.name);
}

/**
 * The screens on which a request is created; the state of the licence allows at most one of them.
 */
const codeScreens = ["activate-code", "renew"] as const;

function back(wizard: Wizard): Wizard {
  const { screen } = wizard;
  switch (screen.name) {
    case "loading":
    case "config-problem":
    case "store-problem":
    case "home":
      return wizard;
    case "activate-request":
      return { ...wizard, screen: { name: codeScreens.find((name) => isAllowed(wizard, name)) ?? "home" } };
    case "type-in":
      return { ...wizard, screen: { name: screen.returnTo } };
    default:
      return { ...wizard, problemToShow: null, screen: { name: "home" } };
  }
}

/**
 * The first screen: the one that the product asked for, if it is allowed and nothing is pending on
 * Home.
 */
function firstScreen(wizard: Wizard): Wizard {
  const { reason, status, openedText, problemToShow } = wizard;
  const screens = { activate: "activate-code", refresh: "refresh", deactivate: "deactivate" } as const;
  const hasPendingRequest = (status?.pending_requests ?? 0) > 0;
  const isPending = openedText !== null || problemToShow !== null || (reason === "activate" && hasPendingRequest);
  const name = reason === null || isPending ? "home" : screens[reason];
  return { ...wizard, reason: null, screen: { name: isAllowed(wizard, name) ? name : "home" } };
}

/**
 * Opens files: those of the command line, of a later start, or files that were dropped onto the
 * window.
 */
function openText(wizard: Wizard, files: OpenedFiles): Wizard {
  if (files.type === "text") return { ...wizard, openedText: files.text, problemToShow: files.skipped };
  const isReady = wizard.status !== null && wizard.screen.name !== "loading" && wizard.screen.name !== "store-problem";
  return { ...wizard, problemToShow: files.problem, screen: isReady ? { name: "home" } : wizard.screen };
}

/** Puts the opened text into the box, and shows the screen where it can be applied. */
function showOpenedText(wizard: Wizard, inspection: InspectionView | null): Wizard {
  const { openedText } = wizard;
  if (openedText === null) return wizard;
  const filled: Wizard = { ...wizard, openedText: null, tokenText: openedText, inspection };
  const kind = inspection && "kind" in inspection ? inspection.kind : null;
  const wanted = kind === "refresh" ? ["refresh", "activate-response"] : ["activate-response", "refresh"];
  for (const name of wanted as ("refresh" | "activate-response")[]) {
    if (isAllowed(filled, name)) return { ...filled, screen: { name } };
  }
  // Nothing can be applied: Home explains what the text is.
  const problem = inspection?.outcome === "error" ? inspection.problem : null;
  const problemToShow = problem ?? wizard.problemToShow;
  return { ...filled, tokenText: "", inspection: null, problemToShow, screen: { name: "home" } };
}
