import type { Clock } from '../clock.ts';
import { AnySeriesError } from '../errors.ts';
import { platform } from '../platform.ts';
import type { Report } from './report.ts';

/** A writer as the end of the process sees it. */
export interface Draining {
  readonly clock: Clock;
  readonly exitDeadlineMs: number;
  /** Sends what is pending without waiting for more; resolves when all of it has had its end. */
  drain(): Promise<void>;
  report(): Report;
  /** Told of what is left when the process will wait no longer. Answers whether anybody listens. */
  left(error: AnySeriesError): boolean;
}

/** Those that have something pending. One listener serves them all, and is there only as long as there are any. */
const pending = new Set<Draining>();
/** Those that the end of the process has waited for in vain. */
const given = new WeakSet<Draining>();
let isListening = false;

export function watchExit(writer: Draining): void {
  pending.add(writer);
  if (isListening) return;
  platform.process?.on?.('beforeExit', drainAll);
  isListening = true;
}

export function unwatchExit(writer: Draining): void {
  pending.delete(writer);
  if (!isListening || pending.size > 0) return;
  platform.process?.removeListener?.('beforeExit', drainAll);
  isListening = false;
}

/** The event loop is empty: nothing but timers that do not count, or nothing at all. */
function drainAll(): void {
  for (const writer of pending) if (!given.has(writer)) void drainOne(writer);
}

async function drainOne(writer: Draining): Promise<void> {
  given.add(writer);
  const { clock, exitDeadlineMs } = writer;
  let isLate = false;
  await new Promise<void>((resolve) => {
    // this one keeps the process alive
    const cancel = clock.setTimer(() => {
      isLate = true;
      resolve();
    }, exitDeadlineMs);
    void writer.drain().then(() => {
      cancel();
      resolve();
    });
  });
  if (!isLate) {
    given.delete(writer);
    return;
  }
  unwatchExit(writer);
  const report = writer.report();
  const what = `${report.pending} points were pending when the process ended, and ${exitDeadlineMs} ms were not enough to send them`;
  const told = writer.left(new AnySeriesError('timeout', what, { report }));
  if (!told) platform.process?.emitWarning?.(what, { type: 'AnySeriesWarning' });
}
