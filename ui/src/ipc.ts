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
  Problem,
  RequestView,
  StatusView,
} from "./generated/view";
import { problemOf } from "./words";

export type * from "./generated/view";

/** What a saved file is named after. */
export type SaveAs = "request" | "deactivation";

export const app = () => invoke<AppView>("app");
/** From here on the backend may say something without being asked. */
export const listen = (told: (news: NewsView) => void) =>
  invoke<void>("listen", { channel: new Channel<NewsView>(told) });
export const status = () => invoke<StatusView>("status");
export const request = (code: string, seatName: string) =>
  invoke<RequestView>("request", { code, seatName });
/** Null when none is pending any more. */
export const pendingRequest = () => invoke<RequestView | null>("pending_request");
export const cancelRequest = () => invoke<StatusView>("cancel_request");
export const inspect = (text: string) => invoke<InspectionView>("inspect", { text });
export const apply = (text: string) => invoke<AppliedView>("apply", { text });
export const deactivate = () => invoke<DeactivatedView>("deactivate");
export const confirmDelivered = (id: string) => invoke<StatusView>("confirm_delivered", { id });
export const details = () => invoke<DetailView[]>("details");
export const copy = (text: string) => invoke<CopiedView>("copy", { text });
export const paste = () => invoke<string>("paste");
/** Asks where to; null when the person changed their mind. */
export const save = (text: string, saveAs: SaveAs) =>
  invoke<string | null>("save", { text, saveAs });
/** Asks which files; null when the person changed their mind. */
export const open = () => invoke<string | null>("open");
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
