/** So many bytes are parsed in well under a millisecond. */
const smallBytes = 64 * 1024;

/**
 * Gives large bodies one turn of the event loop each: several that have arrived together would otherwise be parsed in one go, and everything else
 * would wait for all of them.
 */
export function createTurns(): (bytes: number) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return async (bytes) => {
    if (bytes <= smallBytes) return;
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    await last;
  };
}
