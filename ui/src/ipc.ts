// The pages' only door to the backend, and the only file that imports the Tauri API.
// A call that fails throws a `Problem`: words for people with a stable code.

import { Channel, invoke } from "@tauri-apps/api/core";
import type {
  AppliedView,
  AppView,
  CopiedView,
  DeactivatedView,
  DetailView,
  InspectionView,
  NewsView,
  PictureView,
  Problem,
  RequestView,
  StatusView,
  TextView,
  WorksheetView,
} from "./generated/view";
import { problemOf } from "./i18n";

export type * from "./generated/view";

/** What a saved file is named after. */
export type SaveAs = "request" | "deactivation";

export const app = () => invoke<AppView>("app");
/** From here on the backend may say something without being asked. */
export const listen = (told: (news: NewsView) => void) =>
  invoke<void>("listen", { channel: new Channel<NewsView>(told) });
export const status = () => invoke<StatusView>("status");
/** `sure`: the person has compared the code, and it is right although it looks mistyped. */
export const request = (code: string, seatName: string, renew: boolean, sure: boolean) =>
  invoke<RequestView>("request", { code, seatName, renew, sure });
/** Null when none is pending any more. */
export const pendingRequest = () => invoke<RequestView | null>("pending_request");
export const cancelRequest = () => invoke<StatusView>("cancel_request");
export const inspect = (text: string) => invoke<InspectionView>("inspect", { text });
export const apply = (text: string) => invoke<AppliedView>("apply", { text });
export const deactivate = () => invoke<DeactivatedView>("deactivate");
export const confirmDelivered = (id: string) => invoke<StatusView>("confirm_delivered", { id });
export const details = () => invoke<DetailView[]>("details");
export const copy = (text: string) => invoke<CopiedView>("copy", { text });
export const paste = () => invoke<TextView>("paste");
/** Asks where to; null when the person changed their mind. */
export const save = (text: string, saveAs: SaveAs) =>
  invoke<string | null>("save", { text, saveAs });
/** Asks which files; null when the person changed their mind. */
export const open = () => invoke<TextView | null>("open");
/** The pictures that open the portal with a token in place; none where the vendor tells no portal. */
export const pictures = (token: string) => invoke<PictureView[]>("pictures", { token });
/** The picture that opens the portal at a seat. */
export const seatPicture = (seat: string) => invoke<PictureView | null>("seat_picture", { seat });
/** The text of a file, or what the QR codes in it say where it is a picture. */
export const readFile = (bytes: Uint8Array) => invoke<string>("read_file", bytes);
/** What the QR codes say that the camera shows, picture after picture. */
export const readFrame = (bytes: Uint8Array) => invoke<string>("read_frame", bytes);
/** Opens the system's print dialog for the sheet of a token. */
export const printSheet = (token: string, seatName: string) => invoke<void>("print_sheet", { token, seatName });
/** The rows that were typed so far. */
export const worksheet = () => invoke<WorksheetView>("worksheet");
export const typeLine = (line: number, typed: string) => invoke<WorksheetView>("type_line", { line, typed });
export const clearWorksheet = () => invoke<WorksheetView>("clear_worksheet");
export const useFileStore = () => invoke<StatusView>("use_file_store");
/** Not sure: where what was copied would be gone, the news `closing` comes instead. */
export const quit = (sure = false) => invoke<void>("quit", { sure });

/** Whatever a call threw, as a problem in words. */
export function problemFrom(thrown: unknown): Problem {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return thrown as Problem;
  }
  return problemOf("wizard.interrupted", 6500, {});
}
