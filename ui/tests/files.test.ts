import { expect, it } from "vitest";
import { readDropped } from "../src/files";

/** As the backend reads a file that is text. */
const asText = (bytes: Uint8Array) => Promise.resolve(new TextDecoder().decode(bytes));
const file = (content: BlobPart, name = "a.txt") => new File([content], name);

it("several files are read one after another", async () => {
  expect(await readDropped([file("LKREQ"), file("LKANS")], asText)).toEqual({ is: "text", text: "LKREQ\nLKANS\n" });
});

it("the backend is given every byte of a file, whatever it is, and what is wrong with it is told with its name", async () => {
  const bytes = new Uint8Array([0x50, 0x4b, 3, 4, 0, 0xff]);
  const given: number[][] = [];
  const read = (of: Uint8Array) => {
    given.push([...of]);
    return of.length === bytes.length ? Promise.reject({ code: "text.archive", details: { format: "ZIP" } }) : asText(of);
  };
  const dropped = await readDropped([file("LKREQ"), file(bytes, "request.zip"), file("LKANS")], read);
  const problem = { code: "text.archive", details: { format: "ZIP", file: "request.zip" } };
  expect(dropped).toEqual({ is: "unreadable", problem });
  expect(given).toEqual([[..."LKREQ"].map((letter) => letter.charCodeAt(0)), [...bytes]]);
});

it.each([
  ["wizard.file_too_large", () => Object.defineProperty(file("x", "large.iso"), "size", { value: 17 * 1024 * 1024 })],
  ["wizard.file_not_read", () => Object.assign(file("x", "folder"), { arrayBuffer: () => Promise.reject(new Error()) })],
])("%s names the file", async (code, made) => {
  const wrong = made();
  const read = await readDropped([file("LKREQ"), wrong], asText);
  expect(read).toMatchObject({ is: "unreadable", problem: { code, details: { file: wrong.name } } });
  expect(read.is === "unreadable" && read.problem.message).toContain(wrong.name);
});
