import { expect, test } from "vitest";
import { inOrder } from "../src/taskQueue";

test("a slow call is not overtaken by the one after it", async () => {
  const done: string[] = [];
  const ordered = inOrder();
  let finish = () => {};
  const slow = ordered(async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    done.push("slow");
  });
  const quick = ordered(async () => done.push("quick"));
  await new Promise((resolve) => setTimeout(resolve));
  expect(done).toEqual([]);
  finish();
  await Promise.all([slow, quick]);
  expect(done).toEqual(["slow", "quick"]);
});

test("a call that fails tells its caller, and the next one is made", async () => {
  const ordered = inOrder();
  const failed = ordered(() => Promise.reject(new Error("no")));
  const next = ordered(() => Promise.resolve("yes"));
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
