// Tests of how dropped files are sent to the backend, which decodes them.

import { expect, it } from "vitest";
import { droppedFiles } from "../src/files";

const file = (content: BlobPart, name = "a.txt") => new File([content], name);

/** What the backend receives: the line of JSON, and the contents after it. */
async function sent(files: File[]) {
  const bytes = await droppedFiles(files);
  const end = bytes.indexOf(10);
  return [JSON.parse(new TextDecoder().decode(bytes.slice(0, end))), [...bytes.slice(end + 1)]];
}

it("files are sent in the order in which they were dropped, byte by byte", async () => {
  const bytes = [0x50, 0x4b, 3, 4, 0, 0xff, 10];
  const headers = [
    { name: "Größe \n.zip", content: { size: 7 } },
    { name: "empty", content: { size: 0 } },
    { name: "b.txt", content: { size: 2 } },
  ];
  const files = [file(new Uint8Array(bytes), "Größe \n.zip"), file("", "empty"), file("LK", "b.txt")];
  expect(await sent(files)).toEqual([headers, [...bytes, 76, 75]]);
  expect(await sent([])).toEqual([[], []]);
});

it("a file that can't be sent is named with the reason, and the others are sent", async () => {
  const unreadable = Object.assign(file("x", "folder"), { arrayBuffer: () => Promise.reject(new Error()) });
  const sized = (name: string, mib: number) => Object.defineProperty(file("x", name), "size", { value: mib * 1024 * 1024 });
  // The limit is that of all files together.
  const files = [sized("large.iso", 17), file("LK", "b.txt"), unreadable, sized("half", 9), sized("other half", 9)];
  const headers = [
    { name: "large.iso", content: "too_large" },
    { name: "b.txt", content: { size: 2 } },
    { name: "folder", content: "unreadable" },
    { name: "half", content: { size: 1 } },
    { name: "other half", content: "too_large" },
  ];
  expect(await sent(files)).toEqual([headers, [76, 75, 120]]);
});
