// Tests of which texts on the clipboard may name copied files.

import { expect, it } from "vitest";
import { mayNameFiles } from "../src/copiedFiles";

it.each([
  "/home/ann/a.txt",
  '"C:\\\\a.txt"\r\nD:/b.txt',
  "~/a.txt",
  '"\\\\\\\\tsclient\\\\C\\\\a.txt"',
  "file:///a.txt\r\n",
  "x-special/nautilus-clipboard\ncopy\nfile:///a.txt\nfile:///b.txt\n",
  "# copied\nfile:///a.txt\0",
  "/a.txt\n".repeat(500),
])("%j may name files", (text) => expect(mayNameFiles(text)).toBe(true));

it.each(["", "copy", "LKRSP\n/a.txt", "/a.txt\nLKRSP", "see /a.txt", "file:///a.txt\nis what I mean", "https://a.example/"])(
  "%j doesn't name files",
  (text) => expect(mayNameFiles(text)).toBe(false),
);
