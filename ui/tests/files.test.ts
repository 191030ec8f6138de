import { expect, it } from "vitest";
import { decode, isPicture, readDropped } from "../src/files";

/** No picture is among these files. */
const never = () => Promise.reject(new Error("no picture"));
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
const file = (content: BlobPart, name = "a.txt") => new File([content], name);

it("several files are read one after another", async () => {
  expect(await readDropped([file("LKREQ"), file("LKANS")], never)).toEqual({ is: "text", text: "LKREQ\nLKANS\n" });
});

it("a file as Windows writes it is read", () => {
  const bytes = (text: string) => new Uint8Array([0xff, 0xfe, ...[...text].flatMap((c) => [c.charCodeAt(0), 0])]);
  expect(decode(bytes("LKREQ"))).toBe("LKREQ");
});

it("what a picture says is its text, and what is wrong with it is told", async () => {
  const read = (bytes: Uint8Array) => Promise.resolve(`LKANS ${bytes.length}`);
  const files = [file("LKREQ"), file(PNG, "a.png")];
  expect(await readDropped(files, read)).toEqual({ is: "text", text: `LKREQ\nLKANS ${PNG.length}\n` });
  const problem = { code: "wizard.picture_no_code" };
  expect(await readDropped(files, () => Promise.reject(problem))).toEqual({ is: "unreadable", problem });
  expect(isPicture(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]))).toBe(true);
  expect(isPicture(new TextEncoder().encode("LKREQ"))).toBe(false);
});

it.each([
  ["wizard.file_not_text", () => file(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), "document.odt")],
  ["wizard.file_too_large", () => Object.defineProperty(file("x", "large.iso"), "size", { value: 17 * 1024 * 1024 })],
  ["wizard.file_not_read", () => Object.assign(file("x", "folder"), { arrayBuffer: () => Promise.reject(new Error()) })],
])("%s names the file", async (code, made) => {
  const wrong = made();
  const read = await readDropped([file("LKREQ"), wrong], never);
  expect(read).toMatchObject({ is: "unreadable", problem: { code, details: { file: wrong.name } } });
  expect(read.is === "unreadable" && read.problem.message).toContain(wrong.name);
});
