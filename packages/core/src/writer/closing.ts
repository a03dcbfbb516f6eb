import { AnySeriesError } from '../errors.ts';
import type { Point } from '../point.ts';
import { pointAt } from '../point-batch.ts';
import type { Admission } from './admission.ts';
import type { Alarm } from './alarm.ts';
import { abandon } from './batch.ts';
import type { Buffer } from './buffer.ts';
import type { Cohorts } from './cohorts.ts';
import type { Consequences } from './consequences.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Hooks } from './hooks.ts';
import type { Rows } from './lanes.ts';
import { type Ledger, leavingOf } from './ledger.ts';
import type { Metrics } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import type { Queue } from './queue.ts';
import type { Report } from './report.ts';

/** Waiting for points to have their end, and the end of the writer itself. */
export interface Closing {
  report(): Report;
  /** Resolves when everything admitted so far has had its end. */
  flushed(): Promise<void>;
  /** Resolves when nothing is held and nobody waits. */
  idle(): Promise<void>;
  /** To be told after points have left. */
  changed(): void;
  /** @throws AnySeriesError with the `report` when points were lost and `onLoss` says so */
  close(deadlineMs: number): Promise<Report>;
}

export interface ClosingParts {
  readonly options: Pick<ResolvedOptions, 'onLoss'>;
  readonly buffer: Buffer;
  readonly cohorts: Cohorts;
  readonly queue: Queue;
  readonly alarm: Alarm;
  readonly ledger: Ledger;
  readonly hooks: Hooks;
  readonly metrics: Metrics;
  readonly admission: Admission;
  readonly dispatcher: Dispatcher;
  readonly consequences: Consequences;
  readonly stopping: AbortController;
  now(): number;
  /** Told when it is all over. */
  closed(): void;
}

export function createClosing(parts: ClosingParts): Closing {
  const { options, buffer, cohorts, queue, alarm, ledger, hooks, metrics, admission, dispatcher, consequences, now } = parts;
  const returned: Rows[] = [];
  let waitingForIdle: (() => void)[] = [];
  let closing: Promise<Report> | undefined;

  const isIdle = () => buffer.points === 0 && admission.waiting() === 0;

  function changed(): void {
    if (waitingForIdle.length === 0 || !isIdle()) return;
    const resolves = waitingForIdle;
    waitingForIdle = [];
    for (const resolve of resolves) resolve();
  }

  function idle(): Promise<void> {
    return isIdle() ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve));
  }

  function flushed(): Promise<void> {
    const before = cohorts.next;
    // what comes from now on is not waited for
    cohorts.begin(now());
    dispatcher.hurry(before);
    return cohorts.allEnded(before);
  }

  async function shut(deadlineMs: number): Promise<Report> {
    admission.shut();
    dispatcher.hurry(Number.POSITIVE_INFINITY);
    const release = alarm.hold();
    let cancel = () => {};
    const isLate = await Promise.race([
      idle().then(() => false),
      new Promise<boolean>((resolve) => {
        cancel = alarm.at(now() + deadlineMs, () => resolve(true));
      }),
    ]);
    cancel();
    if (isLate) await giveUp();
    await dispatcher.stop();
    release();
    alarm.stop();
    metrics.stop();
    parts.closed();
    return judge(report());
  }

  async function giveUp(): Promise<void> {
    admission.refuseWaiting();
    const stopped = dispatcher.stop();
    parts.stopping.abort(new AnySeriesError('aborted', 'the writer was closed'));
    await stopped;
    await hooks.settled();
    for (const batch of [...dispatcher.batches]) {
      for (const piece of abandon(batch)) {
        const unsent = await consequences.giveBack(piece);
        if (unsent !== undefined) returned.push(unsent);
      }
      dispatcher.remove(batch);
    }
    const rest = queue.takeAll();
    if (rest === undefined) return;
    returned.push(rest);
    ledger.end(leavingOf(rest), 'returned');
  }

  function report(): Report {
    const { ends } = metrics;
    return { admitted: cohorts.next, ...ends, pending: buffer.points, spooled: 0, unsent };
  }

  function unsent(): readonly Point[] {
    return returned.flatMap(({ batch }) => Array.from({ length: batch.length }, (_, row) => pointAt(batch, row)));
  }

  function judge(final: Report): Report {
    const lost = final.dropped + final.returned + final.pending + hooks.untold();
    if (lost === 0 || options.onLoss === 'report') return final;
    const { rejected, unknown, dropped } = final;
    const code = final.returned > 0 ? 'timeout' : unknown > 0 ? 'unknown-outcome' : dropped > 0 ? 'full' : 'invalid';
    const counts = `${rejected} rejected, ${unknown} unknown, ${dropped} dropped, ${final.returned} returned`;
    throw new AnySeriesError(code, `of ${final.admitted} points, ${lost} are lost: ${counts}`, { report: final });
  }

  return {
    report,
    flushed,
    idle,
    changed,
    close(deadlineMs) {
      closing ??= shut(deadlineMs);
      return closing;
    },
  };
}
