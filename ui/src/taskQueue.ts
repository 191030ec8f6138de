/**
 * Creates a queue that runs asynchronous tasks one after another. The backend handles calls
 * concurrently, so a call that changes something could otherwise be overtaken by a later one, and
 * the older content would win.
 */
export function taskQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>) => {
    // A task that fails rejects its own caller's promise, and the next task still runs.
    const result = last.then(task, task);
    last = result;
    return result;
  };
}
