import { expect, it } from "vitest";
import { readDroppedFiles } from "../src/files";

/** Decodes a text file as the backend does. */
const asText = (bytes: Uint8Array) => Promise.resolve(new TextDecoder().decode(bytes));
const file = (content: BlobPart, name = "a.txt") => new File([content], name);

it("files are read in the order in which they were dropped", async () => {
  expect(await readDroppedFiles([file("LKREQ"), file("LKANS")], asText)).toEqual({ text: "LKREQ\nLKANS\n", problem: null });
});

it("a file that isn't text is named in the message, and the others are read completely", async () => {
  const bytes = new Uint8Array([0x50, 0x4b, 3, 4, 0, 0xff]);
  const given: number[][] = [];
  const thrown = { code: "text.archive", message: "This is an archive.", details: { format: "ZIP" } };
  const read = (of: Uint8Array) => {
    given.push([...of]);
    return of.length === bytes.length ? Promise.reject(thrown) : asText(of);
  };
  const files = [file("LKREQ"), file(bytes, "request.zip"), file("LKANS"), file(bytes, "other.zip")];
  const { text, problem } = await readDroppedFiles(files, read);
  expect(text).toBe("LKREQ\nLKANS\n");
  const message = "In the file request.zip: This is an archive. In the file other.zip: This is an archive.";
  expect(problem).toEqual({ ...thrown, message, details: { format: "ZIP", file: "request.zip" } });
  const letters = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
  expect(given).toEqual([letters("LKREQ"), [...bytes], letters("LKANS"), [...bytes]]);
});

it.each([
  ["wizard.file_too_large", "LKREQ\n", () => Object.defineProperty(file("x", "large.iso"), "size", { value: 17 * 1024 * 1024 })],
  [
    "wizard.file_not_read",
    "LKREQ\n",
    () => Object.assign(file("x", "folder"), { arrayBuffer: () => Promise.reject(new Error()) }),
  ],
])("%s names the file", async (code, text, made) => {
  const wrong = made();
  const read = await readDroppedFiles([wrong, file("LKREQ")], asText);
  expect(read).toMatchObject({ text, problem: { code, details: { file: wrong.name } } });
  expect(read.problem?.message).toContain(wrong.name);
});
