// A file that was copied in a file manager, and came as text. Which file it is the backend finds out
// (src-tauri/src/copied.rs); here it is only seen that it may be one.

/** Whether a text may be nothing but addresses or paths of files. */
export function namesFile(text: string): boolean {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const first = lines.at(-1)?.trim() ?? "";
  return lines.length <= 66 && /^(file:|["']?(\/|[A-Za-z]:[\\/]))/.test(first);
}
