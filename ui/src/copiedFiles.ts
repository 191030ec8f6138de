// Recognises a text that file managers put on the clipboard for a copied file. This only checks
// whether the text may name files; the backend determines which (src-tauri/src/copied_files.rs).

/** What file managers put before the URIs. */
const KEYWORDS = new Set(["x-special/nautilus-clipboard", "copy", "cut", "copy-url", "move"]);

/** Whether a text may consist of nothing but URIs or paths of files. */
export function mayNameFiles(text: string): boolean {
  const lines = text.split(/[\r\n\0]+/).map((line) => line.trim());
  const names = lines.filter((line) => line !== "" && !line.startsWith("#") && !KEYWORDS.has(line));
  return names.length > 0 && names.every((name) => /^(file:|["']?(~?\/|\\\\|[A-Za-z]:[\\/]))/.test(name));
}
