/**
 * Runs asynchronous work one after the other. The backend answers calls side by side, so a call that changes something
 * could otherwise be overtaken by a later one, and the older content would win.
 */
export function inOrder(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>) => {
    // A failure is its own caller's business; the work after it is done all the same.
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}
