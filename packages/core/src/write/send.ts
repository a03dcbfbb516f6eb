import type { Attempt } from '../backend.ts';
import { AnySeriesError, isAnySeriesError } from '../errors.ts';
import type { PointBatch } from '../point-batch.ts';
import { rejectOnAbort } from '../wait.ts';
import type { Delivery } from './delivery.ts';
import type { Exchange, RejectedRow, Verdict } from './verdict.ts';

/** A sending that ended without a verdict, because it was aborted or not understood: something of it may have been applied. */
export interface Failed {
  readonly kind: 'failed';
  readonly error: AnySeriesError;
  readonly exchange?: Exchange;
}

/** Sends a batch once. Never rejects: what is thrown, and an answer that settles nothing, are answered too. */
export async function sendOnce(batch: PointBatch, { send }: Pick<Delivery, 'send'>, attempt: Attempt): Promise<Verdict | Failed> {
  try {
    return withoutStandstill(await rejectOnAbort(send(batch, attempt), attempt.signal), batch);
  } catch (error) {
    if (isAnySeriesError(error)) return { kind: 'failed', error };
    return {
      kind: 'failed',
      error: new AnySeriesError('protocol', `the answer was not understood: ${String(error)}`, { cause: error }),
    };
  }
}

/** An answer that keeps every row is no progress: it counts as an attempt. */
function withoutStandstill(verdict: Verdict, { length }: PointBatch): Verdict {
  if (verdict.kind !== 'items' || verdict.keep?.length !== length) return verdict;
  return {
    kind: 'retry',
    ambiguous: false,
    error: new AnySeriesError('unavailable', 'the backend took none of the points and refused none'),
    exchange: verdict.exchange,
  };
}

/** The rows of a batch by what a row-by-row answer says of them. */
export interface SortedRows {
  readonly accepted: readonly number[];
  readonly rejected: readonly RejectedRow[];
  readonly keep: readonly number[];
}

/** Every row is in exactly one of the three, whatever the answer names twice or beyond the batch. */
export function sortRows({ length }: PointBatch, { rejected, keep = [] }: Verdict & { kind: 'items' }): SortedRows {
  const open = new Set(Array.from({ length }, (_, row) => row));
  const refused = rejected.filter(({ index }) => open.delete(index));
  const kept = keep.filter((row) => open.delete(row));
  return { accepted: [...open], rejected: refused, keep: kept };
}
