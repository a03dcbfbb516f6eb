import type { Rejection } from '../errors.ts';
import type { End } from './report.ts';

/** What became of the points of one `offer`. Indices are those of the caller's input, ascending. */
export interface TicketOutcome {
  readonly stored: number;
  readonly unconfirmed: number;
  readonly rejected: readonly Rejection[];
  readonly unknown: readonly number[];
  readonly dropped: readonly number[];
  readonly returned: readonly number[];
}

/** Follows the points of one `offer`. Its promises are made only when they are asked for, and may be left alone. */
export interface Ticket {
  /**
   * Resolves when all points are in the buffer.
   *
   * @throws AnySeriesError `aborted`, `full` or `closed` where they are not; `admitted` there says how many are all the same
   */
  readonly admitted: Promise<void>;
  /** Resolves when every point has had its end. Rejects like `admitted` does, when those that were admitted have had theirs. */
  readonly done: Promise<TicketOutcome>;
}

/** The writer's side of a ticket. */
export interface TicketKeeper {
  readonly ticket: Ticket;
  /** So many points were admitted, and no more will come; with `failure` because the admission failed. */
  finish(admitted: number, failure?: unknown): void;
  end(index: number, end: End, rejection?: Pick<Rejection, 'code' | 'message'>): void;
}

export function createTicket(): TicketKeeper {
  const admission = deferred<void>();
  const outcome = deferred<TicketOutcome>();
  const counts = { stored: 0, unconfirmed: 0 };
  const indices = { unknown: [] as number[], dropped: [] as number[], returned: [] as number[] };
  const rejected: Rejection[] = [];
  let ended = 0;
  let expected = Number.POSITIVE_INFINITY;
  let failure: { readonly reason: unknown } | undefined;

  function settleIfDone(): void {
    if (ended < expected) return;
    for (const list of Object.values(indices)) list.sort((a, b) => a - b);
    rejected.sort((a, b) => a.index - b.index);
    if (failure === undefined) outcome.resolve({ ...counts, ...indices, rejected });
    else outcome.reject(failure.reason);
  }

  return {
    ticket: {
      get admitted() {
        return admission.promise();
      },
      get done() {
        return outcome.promise();
      },
    },
    finish(admitted, ...failed) {
      expected = admitted;
      if (failed.length > 0) failure = { reason: failed[0] };
      if (failure === undefined) admission.resolve();
      else admission.reject(failure.reason);
      settleIfDone();
    },
    end(index, end, rejection) {
      ended++;
      if (end === 'stored' || end === 'unconfirmed') counts[end]++;
      else if (end === 'rejected') rejected.push({ index, code: rejection!.code, message: rejection!.message });
      else indices[end].push(index);
      settleIfDone();
    },
  };
}

interface Deferred<T> {
  promise(): Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A promise that exists only from when it is asked for, and whose rejection need not be handled. */
function deferred<T>(): Deferred<T> {
  let promise: Promise<T> | undefined;
  let settle: ((resolve: (value: T) => void, reject: (reason: unknown) => void) => void) | undefined;
  let waiting: [resolve: (value: T) => void, reject: (reason: unknown) => void] | undefined;

  function settleAs(how: NonNullable<typeof settle>): void {
    if (settle !== undefined) return;
    settle = how;
    if (waiting !== undefined) how(...waiting);
  }

  return {
    resolve: (value) => settleAs((resolve) => resolve(value)),
    reject: (reason) => settleAs((_, reject) => reject(reason)),
    promise() {
      promise ??= new Promise<T>((resolve, reject) => {
        if (settle === undefined) waiting = [resolve, reject];
        else settle(resolve, reject);
      });
      promise.catch(() => {});
      return promise;
    },
  };
}
