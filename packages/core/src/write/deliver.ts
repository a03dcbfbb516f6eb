import type { CallContext, WriteOperation } from '../backend.ts';
import { AnySeriesError, isAnySeriesError, type Rejection, type WriteOutcome } from '../errors.ts';
import type { WriteResult } from '../sink.ts';
import { wait } from '../wait.ts';
import { delayBeforeRetry, type RetryPolicy } from './backoff.ts';
import { cut, halve, type IndexedBatch, pick } from './cut.ts';
import { type Delivery, isResendSafe } from './delivery.ts';
import { sendOnce, sortRows } from './send.ts';
import type { Verdict } from './verdict.ts';

export interface DeliverOptions {
  readonly delivery: Delivery;
  readonly operation: WriteOperation;
  readonly context: CallContext;
  /** Epoch milliseconds at which the call ends. */
  readonly deadline: number;
  readonly retry: RetryPolicy;
  readonly random: () => number;
}

/** Rejections found before sending go here too. */
export interface Tally {
  stored: number;
  unconfirmed: number;
  readonly rejected: Rejection[];
}

/** A request of a write failed for good; its points, and those behind it, are told apart by the caller. */
class Undelivered extends Error {
  readonly failure: AnySeriesError;
  readonly piece: IndexedBatch;
  readonly maybeApplied: boolean;

  constructor(failure: AnySeriesError, piece: IndexedBatch, maybeApplied: boolean) {
    super(failure.message);
    this.failure = failure;
    this.piece = piece;
    this.maybeApplied = maybeApplied;
  }
}

/**
 * Delivers admitted points request by request, in order: cut to the limits, halved when too large, retried as far as a resend is safe.
 *
 * @throws AnySeriesError with `outcome`; what is neither in `tally` nor `unknown` there is `unsent`
 */
export async function deliver(windows: Iterable<IndexedBatch>, tally: Tally, options: DeliverOptions): Promise<WriteResult> {
  const windowIterator = windows[Symbol.iterator]();
  const waiting: IndexedBatch[] = [];
  try {
    for (let next = windowIterator.next(); !next.done; next = windowIterator.next()) {
      waiting.push(...cut(next.value, options.delivery.capabilities.write.limits, options.delivery));
      while (waiting.length > 0) await settle(waiting.shift()!, waiting, tally, options);
    }
  } catch (error) {
    if (isAnySeriesError(error)) throw withOutcome(error, tally);
    if (!(error instanceof Undelivered)) throw error;
    throw describe(error, waiting, windowIterator, tally, options);
  }
  return { stored: tally.stored, unconfirmed: tally.unconfirmed, rejected: tally.rejected.sort((a, b) => a.index - b.index) };
}

/** The caller's points themselves failed; all that they gave have their end. */
function withOutcome({ code, message, cause }: AnySeriesError, { stored, unconfirmed, rejected }: Tally): AnySeriesError {
  return new AnySeriesError(code, message, { cause, outcome: { stored, unconfirmed, rejected, unknown: [], unsent: [] } });
}

/** Sends one request until its points have an end; what is left of it goes to the head of `waiting`. */
async function settle(piece: IndexedBatch, waiting: IndexedBatch[], tally: Tally, options: DeliverOptions): Promise<void> {
  const { delivery, operation, context, deadline } = options;
  const resendSafe = isResendSafe(delivery.capabilities.write, operation);
  const idempotencyKey = globalThis.crypto.randomUUID();
  let maybeApplied = false;
  for (let attempt = 1; ; ) {
    await waitForGate(piece, maybeApplied, options);
    const verdict = await sendOnce(piece.batch, delivery, { ...context, operation, idempotencyKey });
    switch (verdict.kind) {
      case 'failed':
        throw new Undelivered(verdict.error, piece, true);
      case 'ok':
        tally[verdict.outcome] += piece.batch.length;
        return;
      case 'items': {
        const left = settleItems(piece, verdict, tally);
        if (left !== undefined) waiting.unshift(left);
        return;
      }
      case 'too-large':
        if (piece.batch.length > 1) waiting.unshift(...halve(piece));
        else reject(piece, verdict.error, tally);
        return;
      case 'bad-batch':
      case 'refused':
        reject(piece, verdict.error, tally);
        return;
      case 'blocked':
        throw new Undelivered(verdict.error, piece, maybeApplied);
      case 'retry': {
        maybeApplied ||= verdict.ambiguous;
        if (verdict.ambiguous && !(verdict.resendSafe ?? resendSafe)) throw new Undelivered(verdict.error, piece, true);
        const { retryAfterMs } = verdict;
        if (retryAfterMs === undefined && attempt >= options.retry.maxAttempts) throw new Undelivered(verdict.error, piece, maybeApplied);
        const now = context.clock.now();
        const delay = delayBeforeRetry(options.retry, attempt, retryAfterMs, options.random);
        if (retryAfterMs === undefined) attempt++;
        else delivery.gate.close(delay, now);
        if (now + delay >= deadline) throw new Undelivered(verdict.error, piece, maybeApplied);
        await waitFor(delay, piece, maybeApplied, options);
      }
    }
  }
}

async function waitForGate(piece: IndexedBatch, maybeApplied: boolean, options: DeliverOptions): Promise<void> {
  const { delivery, context } = options;
  const closedFor = delivery.gate.closedFor(context.clock.now());
  if (closedFor > 0) await waitFor(closedFor, piece, maybeApplied, options);
  if (context.signal.aborted) throw new Undelivered(context.signal.reason as AnySeriesError, piece, maybeApplied);
}

async function waitFor(ms: number, piece: IndexedBatch, maybeApplied: boolean, { context }: DeliverOptions): Promise<void> {
  try {
    await wait(ms, context);
  } catch (error) {
    throw new Undelivered(error as AnySeriesError, piece, maybeApplied);
  }
}

/** Counts what a row-by-row answer says; answers the rows that are to be sent again. */
function settleItems(piece: IndexedBatch, verdict: Verdict & { kind: 'items' }, tally: Tally): IndexedBatch | undefined {
  const { accepted, rejected, keep } = sortRows(piece.batch, verdict);
  for (const { index, code, message } of rejected) tally.rejected.push({ index: piece.indices[index]!, code, message });
  tally[verdict.outcome] += accepted.length;
  return keep.length > 0 ? pick(piece, keep) : undefined;
}

function reject(piece: IndexedBatch, { code, message }: AnySeriesError, tally: Tally): void {
  for (const index of piece.indices) tally.rejected.push({ index, code, message });
}

/** The error of the whole call. Windows that were not looked at yet are drained, so that every index is accounted for. */
function describe(
  { failure, piece, maybeApplied }: Undelivered,
  waiting: readonly IndexedBatch[],
  windows: Iterator<IndexedBatch>,
  tally: Tally,
  { delivery, operation }: DeliverOptions,
): AnySeriesError {
  const unknown = maybeApplied ? [...piece.indices] : [];
  const unsent = maybeApplied ? [] : [...piece.indices];
  for (const { indices } of waiting) for (const index of indices) unsent.push(index);
  for (let next = windows.next(); !next.done; next = windows.next()) for (const index of next.value.indices) unsent.push(index);
  const byIndex = (a: number, b: number) => a - b;
  const outcome: WriteOutcome = {
    stored: tally.stored,
    unconfirmed: tally.unconfirmed,
    rejected: tally.rejected.sort((a, b) => a.index - b.index),
    unknown: unknown.sort(byIndex),
    unsent: unsent.sort(byIndex),
  };
  const doubtful = maybeApplied && !isResendSafe(delivery.capabilities.write, operation) && failure.code !== 'aborted';
  return new AnySeriesError(
    doubtful ? 'unknown-outcome' : failure.code,
    doubtful
      ? `${unknown.length} points may or may not be stored, and writing them again is not safe: ${failure.message}`
      : failure.message,
    {
      retryable: doubtful ? false : failure.retryable,
      retryAfterMs: failure.retryAfterMs,
      provider: failure.provider,
      outcome,
      indices: maybeApplied ? outcome.unknown : outcome.unsent,
      cause: failure.cause,
    },
  );
}
