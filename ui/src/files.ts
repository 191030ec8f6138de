// Files that are dropped onto the window. The pages get their content from the webview and never
// learn a path. The backend decodes it (src-tauri/src/files.rs), as it does for files that are
// opened.

import type { Problem } from "./generated/view";
import { localProblem, t } from "./i18n";

/** Returns a file's text, or that of the QR codes in it, or throws a problem. */
type Decoder = (bytes: Uint8Array) => Promise<string>;

const MIB = 1024 * 1024;
const LIMIT_MIB = 16;

/** The text of the files that can be read, and what is wrong with the others, each by its name. */
export interface DroppedText {
  text: string;
  problem: Problem | null;
}

/** Reads files one after another. A file that can't be read doesn't affect the others. */
export async function readDroppedFiles(files: File[], decode: Decoder): Promise<DroppedText> {
  let room = LIMIT_MIB * MIB;
  let text = "";
  const problems: Problem[] = [];
  for (const file of files) {
    if (file.size > room) {
      problems.push(localProblem("wizard.file_too_large", 6506, { file: file.name, limit: String(LIMIT_MIB) }));
      continue;
    }
    room -= file.size;
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      // A folder, or a file that was deleted meanwhile.
      const details = { file: file.name, reason: t("wizard-reason-other") };
      problems.push(localProblem("wizard.file_not_read", 6505, details));
      continue;
    }
    try {
      text += `${await decode(bytes)}\n`;
    } catch (thrown) {
      const problem = thrown as Problem;
      const message = t("wizard-in-file", { file: file.name, message: problem.message });
      problems.push({ ...problem, message, details: { ...problem.details, file: file.name } });
    }
  }
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join(" ");
  return { text, problem: first ? { ...first, message } : null };
}
