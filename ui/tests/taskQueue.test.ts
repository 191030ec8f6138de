// Tests of the order in which queued tasks run.

import { expect, test } from "vitest";
import { taskQueue } from "../src/taskQueue";

test("a slow task isn't overtaken by the next one", async () => {
  const done: string[] = [];
  const enqueue = taskQueue();
  let finish = () => {};
  const slow = enqueue(async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    done.push("slow");
  });
  const quick = enqueue(async () => done.push("quick"));
  await new Promise((resolve) => setTimeout(resolve));
  expect(done).toEqual([]);
  finish();
  await Promise.all([slow, quick]);
  expect(done).toEqual(["slow", "quick"]);
});

test("a task that fails rejects its own promise, and the next task still runs", async () => {
  const enqueue = taskQueue();
  const failed = enqueue(() => Promise.reject(new Error("no")));
  const next = enqueue(() => Promise.resolve("yes"));
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
