// Files that are dropped onto the window. The pages get their content from the webview and never
// learn a path. The backend decodes them together (src-tauri/src/files.rs), as it does with files
// that are opened.

const MIB = 1024 * 1024;
const LIMIT_MIB = 16;

/** The size of a file's content in bytes, or why it isn't sent. */
type Content = { size: number } | "too_large" | "unreadable";

/**
 * The files of one drop in one message: a line of JSON that describes each, and their contents one
 * after another.
 */
export async function droppedFiles(files: File[]): Promise<Uint8Array> {
  let room = LIMIT_MIB * MIB;
  const contents: ArrayBuffer[] = [];
  const read = async (file: File): Promise<Content> => {
    if (file.size > room) return "too_large";
    room -= file.size;
    try {
      const content = await file.arrayBuffer();
      contents.push(content);
      return { size: content.byteLength };
    } catch {
      // A folder, or a file that was deleted meanwhile.
      return "unreadable";
    }
  };
  const headers: { name: string; content: Content }[] = [];
  for (const file of files) headers.push({ name: file.name, content: await read(file) });
  return new Uint8Array(await new Blob([`${JSON.stringify(headers)}\n`, ...contents]).arrayBuffer());
}
