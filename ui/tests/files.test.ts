// Tests of how dropped files are read together, with a backend that is simulated.

import { expect, it } from "vitest";
import { readDroppedFiles } from "../src/files";
import type { InspectionView } from "../src/generated/view";

/** Decodes a text file as the backend does. */
const asText = (bytes: Uint8Array) => Promise.resolve(new TextDecoder().decode(bytes));
/** Finds tokens as the backend does: here they begin with `LK` and end with `.`. */
const inspect = (text: string): Promise<InspectionView> => {
  const code = /LK[^.]*\./s.test(text) ? "token.kind" : text.includes("LK") ? "token.truncated" : "token.none_found";
  const problem = { code, number: 1, message: `${code} ${text.match(/LK/g)?.length ?? 0}.`, action: "", details: {} };
  return Promise.resolve({ outcome: "error", problem, kind: null });
};
const file = (content: BlobPart, name = "a.txt") => new File([content], name);

it("files are read in the order in which they were dropped", async () => {
  expect(await readDroppedFiles([file("LKREQ"), file("LKANS")], asText, inspect)).toEqual({ text: "LKREQ\nLKANS\n", problem: null });
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
  const { text, problem } = await readDroppedFiles(files, read, inspect);
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
  const read = await readDroppedFiles([wrong, file("LKREQ")], asText, inspect);
  expect(read).toMatchObject({ text, problem: { code, details: { file: wrong.name } } });
  expect(read.problem?.message).toContain(wrong.name);
});

it("a file without a token is named, alone and among others, and the others are used", async () => {
  const prose = file("Dear all", "prose.txt");
  const named = { code: "token.none_found", message: "In the file prose.txt: token.none_found 0." };
  expect(await readDroppedFiles([prose], asText, inspect)).toMatchObject({ text: "", problem: named });
  for (const files of [[prose, file("LKREQ.")], [file("LKREQ."), prose]]) {
    expect(await readDroppedFiles(files, asText, inspect)).toMatchObject({ text: "LKREQ.\n", problem: named });
  }
  const both = await readDroppedFiles([prose, file("Yours", "more.txt")], asText, inspect);
  expect(both.text).toBe("");
  expect(both.problem?.message).toBe(`${named.message} In the file more.txt: token.none_found 0.`);
});

it("the second part of a token that is split over files is kept", async () => {
  const read = await readDroppedFiles([file("LKREQ"), file("the rest.")], asText, inspect);
  expect(read).toEqual({ text: "LKREQ\nthe rest.\n", problem: null });
});
