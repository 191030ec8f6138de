// The pages' only access to the backend, and the only file that imports the Tauri API. A call that
// fails throws a `Problem`, which has a stable code, a message and a next step.

import { Channel, invoke } from "@tauri-apps/api/core";
import type {
  AppliedView,
  AppView,
  BackendEvent,
  CatalogueView,
  CopiedView,
  DeactivatedView,
  DetailView,
  DroppedView,
  InspectionView,
  Problem,
  QrCodeView,
  RequestView,
  StatusView,
  TextView,
  EntrySheetView,
  FirstView,
} from "./generated/view";
import { droppedFiles } from "./files";
import { localProblem } from "./i18n";

export type * from "./generated/view";

/** The kind of token that is saved; the suggested file name contains it. */
export type SaveAs = "request" | "deactivation";

declare global {
  // Set by the backend before the scripts run.
  interface Window {
    catalogue: CatalogueView;
    firstView?: FirstView | null;
  }
}

/** The messages of the wizard's language. */
export const catalogue = () => window.catalogue;

/** What the backend knew when the window was opened, or null if the pages have to ask. */
export function takeFirstView(): FirstView | null {
  const first = window.firstView ?? null;
  delete window.firstView;
  // The web view sets it again when the user reloads the page, and it is old by then.
  const [start] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return start?.type === "navigate" ? first : null;
}

export const loadApp = () => invoke<AppView>("load_app");
/** Subscribes to the events that the backend sends on its own. */
export const listen = (handler: (event: BackendEvent) => void) =>
  invoke<void>("listen", { channel: new Channel<BackendEvent>(handler) });
export const status = () => invoke<StatusView>("status");
/** `confirmed`: the user has compared the code, and it is right although it looks mistyped. */
export const request = (code: string, seatName: string, renew: boolean, confirmed: boolean) =>
  invoke<RequestView>("request", { code, seatName, renew, confirmed });
/** Returns null if no request is pending any more. */
export const pendingRequest = () => invoke<RequestView | null>("pending_request");
export const cancelRequest = () => invoke<StatusView>("cancel_request");
export const inspect = (text: string) => invoke<InspectionView>("inspect", { text });
export const apply = (text: string) => invoke<AppliedView>("apply", { text });
export const deactivate = () => invoke<DeactivatedView>("deactivate");
export const confirmDelivered = (id: string) => invoke<StatusView>("confirm_delivered", { id });
export const details = () => invoke<DetailView[]>("details");
export const copy = (text: string) => invoke<CopiedView>("copy", { text });
export const paste = () => invoke<TextView>("paste");
/** Opens the system's dialog and returns the path, or null if the user cancelled. */
export const save = (text: string, saveAs: SaveAs) =>
  invoke<string | null>("save", { text, saveAs });
/** Opens the system's dialog and returns the files' text, or null if the user cancelled. */
export const open = () => invoke<TextView | null>("open");
/** The QR codes that open the portal with a token filled in; none if the vendor has no portal. */
export const tokenQrCodes = (token: string) => invoke<QrCodeView[]>("token_qr_codes", { token });
/** The QR code that opens the portal at a seat. */
export const seatQrCode = (seat: string) => invoke<QrCodeView | null>("seat_qr_code", { seat });
/** The text of files that were dropped together, or of the QR codes in pictures among them. */
export const readDropped = async (files: File[]) =>
  invoke<DroppedView>("read_dropped", await droppedFiles(files));
/** The text of the QR codes in one frame of the camera's video. */
export const readFrame = (bytes: Uint8Array) => invoke<string>("read_frame", bytes);
/** Opens the system's print dialog for the sheet of a token. */
export const printSheet = (token: string, seatName: string) => invoke<void>("print_sheet", { token, seatName });
/** The rows that were typed so far, including the draft of an earlier run. */
export const entrySheet = () => invoke<EntrySheetView>("entry_sheet");
export const typeLine = (line: number, typed: string) => invoke<EntrySheetView>("type_line", { line, typed });
export const clearEntrySheet = () => invoke<EntrySheetView>("clear_entry_sheet");
export const useFileStore = () => invoke<StatusView>("use_file_store");
/**
 * Closes the wizard. If a copied token would be lost, the event `close_requested` comes instead,
 * unless the user has confirmed.
 */
export const quit = (confirmed = false) => invoke<void>("quit", { confirmed });

/** Converts what a call threw into a problem. */
export function problemFrom(thrown: unknown): Problem {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return thrown as Problem;
  }
  return localProblem("wizard.interrupted", 6500, {});
}
