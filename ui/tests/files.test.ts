import { expect, it } from "vitest";
import { decode, readDropped } from "../src/files";

const file = (content: BlobPart, name = "a.txt") => new File([content], name);

it("several files are read one after another", async () => {
  expect(await readDropped([file("LKREQ"), file("LKANS")])).toEqual({ is: "text", text: "LKREQ\nLKANS\n" });
});

it("a file as Windows writes it is read", () => {
  const bytes = (text: string) => new Uint8Array([0xff, 0xfe, ...[...text].flatMap((c) => [c.charCodeAt(0), 0])]);
  expect(decode(bytes("LKREQ"))).toBe("LKREQ");
});

it.each([
  ["wizard.file_not_text", () => file(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0]), "picture.png")],
  ["wizard.file_too_large", () => Object.defineProperty(file("x", "large.iso"), "size", { value: 17 * 1024 * 1024 })],
  ["wizard.file_not_read", () => Object.assign(file("x", "folder"), { arrayBuffer: () => Promise.reject(new Error()) })],
])("%s names the file", async (code, made) => {
  const wrong = made();
  const read = await readDropped([file("LKREQ"), wrong]);
  expect(read).toMatchObject({ is: "unreadable", problem: { code, details: { file: wrong.name } } });
  expect(read.is === "unreadable" && read.problem.message).toContain(wrong.name);
});
