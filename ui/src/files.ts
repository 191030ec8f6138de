// Files that are dropped onto the window. The pages get their bytes from the web view and never learn a path; what
// they say is the backend's business (src-tauri/src/files.rs), as it is for files that are opened.

import type { OpenedView, Problem } from "./generated/view";
import { problemOf, words } from "./words";

/** Gives a file's text, or what the QR codes in it say, or throws a problem. */
type Reader = (bytes: Uint8Array) => Promise<string>;

const MIB = 1024 * 1024;
const LIMIT_MIB = 16;

/** The text of several files, one after another, or what is wrong with one of them. */
export async function readDropped(files: File[], read: Reader): Promise<OpenedView> {
  let total = 0;
  for (const file of files) total += file.size;
  if (total > LIMIT_MIB * MIB) {
    const largest = files.reduce((a, b) => (b.size > a.size ? b : a));
    const details = { file: largest.name, limit: String(LIMIT_MIB) };
    return { is: "unreadable", problem: problemOf("wizard.file_too_large", 6506, details) };
  }
  let text = "";
  for (const file of files) {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      // A folder, or a file that has gone meanwhile.
      const details = { file: file.name, reason: words("wizard-reason-other") };
      return { is: "unreadable", problem: problemOf("wizard.file_not_read", 6505, details) };
    }
    try {
      text += `${await read(bytes)}\n`;
    } catch (thrown) {
      const problem = thrown as Problem;
      return { is: "unreadable", problem: { ...problem, details: { ...problem.details, file: file.name } } };
    }
  }
  return { is: "text", text };
}
