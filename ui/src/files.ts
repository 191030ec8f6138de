// Files that are dropped onto the window. The pages get their text from the web view and never learn a path;
// the limits and the encodings are the backend's (src-tauri/src/files.rs).

import type { OpenedView, Problem } from "./generated/view";
import { problemOf, words } from "./words";

/** Gives what the QR codes in a picture say, or throws a problem. */
type PictureReader = (bytes: Uint8Array) => Promise<string>;

const MIB = 1024 * 1024;
const LIMIT_MIB = 16;

/** The text of several files, one after another, or what is wrong with one of them. */
export async function readDropped(files: File[], readPicture: PictureReader): Promise<OpenedView> {
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
    if (isPicture(bytes)) {
      try {
        text += `${await readPicture(bytes)}\n`;
        continue;
      } catch (thrown) {
        return { is: "unreadable", problem: thrown as Problem };
      }
    }
    const decoded = decode(bytes);
    if (decoded === null) {
      return { is: "unreadable", problem: problemOf("wizard.file_not_text", 6507, { file: file.name }) };
    }
    text += `${decoded}\n`;
  }
  return { is: "text", text };
}

/** PNG and JPEG are looked at by the backend (src-tauri/src/pictures.rs). */
export function isPicture(bytes: Uint8Array): boolean {
  const begins = (...first: number[]) => first.every((byte, at) => bytes[at] === byte);
  return begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) || begins(0xff, 0xd8, 0xff);
}

/** Text in UTF-8, in UTF-16 with its mark, or in an older encoding whose letters are ASCII. */
export function decode(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return bytes.includes(0) ? null : new TextDecoder().decode(bytes);
}
