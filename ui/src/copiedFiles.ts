// A file that was copied in a file manager, and came as text. Which file it is the backend finds out
// (src-tauri/src/copied_files.rs); here it is only seen that it may be one.

// What file managers say before the addresses.
const WORDS = new Set(["x-special/nautilus-clipboard", "copy", "cut", "copy-url", "move"]);

/** Whether a text may be nothing but addresses or paths of files. */
export function namesFile(text: string): boolean {
  const lines = text.split(/[\r\n\0]+/).map((line) => line.trim());
  const names = lines.filter((line) => line !== "" && !line.startsWith("#") && !WORDS.has(line));
  return names.length > 0 && names.every((name) => /^(file:|["']?(\/|[A-Za-z]:[\\/]))/.test(name));
}
