import process from 'node:process';

/** What a program closes before it ends: writers, providers. */
interface Closing {
  close(): Promise<unknown>;
}

/**
 * Closes all of these on `SIGINT` and `SIGTERM`, one after the other in the given order, and then lets the signal end the process as it would have.
 * A second signal ends it at once. Answers how to take the handlers away.
 *
 * ```ts
 * installSignalHandlers(writer, db);
 * ```
 */
export function installSignalHandlers(...closing: readonly Closing[]): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;

  async function end(signal: NodeJS.Signals): Promise<void> {
    uninstall();
    try {
      for (const each of closing) await each.close().catch((error: unknown) => console.error(error));
    } finally {
      process.kill(process.pid, signal);
    }
  }

  function uninstall(): void {
    for (const signal of signals) process.removeListener(signal, end);
  }

  for (const signal of signals) process.on(signal, end);
  return uninstall;
}
