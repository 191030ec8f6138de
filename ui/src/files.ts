// Files that are dropped onto the window. The pages get their content from the webview and never
// learn a path. The backend decodes it (src-tauri/src/files.rs), as it does for files that are
// opened.

import type { InspectionView, Problem } from "./generated/view";
import { localProblem, t } from "./i18n";

/** Returns a file's text, or that of the QR codes in it, or throws a problem. */
type Decoder = (bytes: Uint8Array) => Promise<string>;
/** Returns what is in a text. */
type Inspector = (text: string) => Promise<InspectionView>;

const MIB = 1024 * 1024;
const LIMIT_MIB = 16;
/**
 * With more files than this, files without a token aren't reported: checking one means inspecting
 * the text of all.
 */
const MAX_INSPECTED_FILES = 16;

/** The text of the files that can be read, and what is wrong with the others, each by its name. */
export interface DroppedText {
  text: string;
  problem: Problem | null;
}

/** Reads files one after another. A file that can't be read doesn't affect the others. */
export async function readDroppedFiles(
  files: File[],
  decode: Decoder,
  inspect: Inspector,
): Promise<DroppedText> {
  let room = LIMIT_MIB * MIB;
  const texts: NamedText[] = [];
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
      texts.push({ file: file.name, text: `${await decode(bytes)}\n` });
    } catch (thrown) {
      problems.push(inFile(file.name, thrown as Problem));
    }
  }
  const text = await joinTextsWithTokens(texts, inspect, problems);
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join(" ");
  return { text, problem: first ? { ...first, message } : null };
}

interface NamedText {
  file: string;
  text: string;
}

const joined = (texts: NamedText[]) => texts.map(({ text }) => text).join("");

function inFile(file: string, problem: Problem): Problem {
  const message = t("wizard-in-file", { file, message: problem.message });
  return { ...problem, message, details: { ...problem.details, file } };
}

/** The codes of texts in which there is neither a token nor a part of one. */
const NO_TOKEN_CODES = new Set(["token.none_found", "text.encrypted", "text.picture"]);

/** Why there is no token in a text; null where there is one, or a part of one. */
async function missingToken(text: string, inspect: Inspector): Promise<Problem | null> {
  const found = await inspect(text).catch(() => null);
  return found?.outcome === "error" && NO_TOKEN_CODES.has(found.problem.code) ? found.problem : null;
}

/** Joins the texts that have a token or a part of one. The files of the others become problems. */
async function joinTextsWithTokens(
  texts: NamedText[],
  inspect: Inspector,
  problems: Problem[],
): Promise<string> {
  if (texts.length > MAX_INSPECTED_FILES) return joined(texts);
  let kept = texts;
  for (const candidate of texts) {
    const problem = await missingToken(candidate.text, inspect);
    if (!problem) continue;
    const others = kept.filter((other) => other !== candidate);
    // A part of a token may not be recognised by itself.
    const isPart = others.length > 0 && (await inspectAll(kept, inspect)) !== (await inspectAll(others, inspect));
    if (isPart) continue;
    kept = others;
    problems.push(inFile(candidate.file, problem));
  }
  return joined(kept);
}

const inspectAll = async (texts: NamedText[], inspect: Inspector) =>
  JSON.stringify(await inspect(joined(texts)).catch(() => null));
