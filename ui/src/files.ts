// Files that are dropped onto the window. The pages get their bytes from the web view and never learn a path; what
// they say is the backend's business (src-tauri/src/files.rs), as it is for files that are opened.

import type { Problem } from "./generated/view";
import { problemOf, words } from "./i18n";

/** Gives a file's text, or what the QR codes in it say, or throws a problem. */
type Reader = (bytes: Uint8Array) => Promise<string>;

const MIB = 1024 * 1024;
const LIMIT_MIB = 16;

/** The text of those files that can be read, and what is wrong with the others, each by its name. */
export interface Dropped {
  text: string;
  problem: Problem | null;
}

/** Reads several files, one after another. What is wrong with one holds up none of the others. */
export async function readDropped(files: File[], read: Reader): Promise<Dropped> {
  let room = LIMIT_MIB * MIB;
  let text = "";
  const problems: Problem[] = [];
  for (const file of files) {
    if (file.size > room) {
      problems.push(problemOf("wizard.file_too_large", 6506, { file: file.name, limit: String(LIMIT_MIB) }));
      continue;
    }
    room -= file.size;
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      // A folder, or a file that has gone meanwhile.
      const details = { file: file.name, reason: words("wizard-reason-other") };
      problems.push(problemOf("wizard.file_not_read", 6505, details));
      continue;
    }
    try {
      text += `${await read(bytes)}\n`;
    } catch (thrown) {
      const problem = thrown as Problem;
      const message = words("wizard-in-file", { file: file.name, message: problem.message });
      problems.push({ ...problem, message, details: { ...problem.details, file: file.name } });
    }
  }
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join(" ");
  return { text, problem: first ? { ...first, message } : null };
}
