import { pointAt } from '../point-batch.ts';
import { abandon, type Piece } from './batch.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Hooks } from './hooks.ts';
import { type Ledger, leavingOf } from './ledger.ts';
import type { Queue } from './queue.ts';

export interface OverflowParts {
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  readonly ledger: Ledger;
  readonly hooks: Hooks;
}

/**
 * Drops the oldest points that were not sent yet; without any, the oldest batch that waits for another attempt. What is under way stays.
 * Answers whether there were any.
 */
export function dropOldest({ queue, dispatcher, ledger, hooks }: OverflowParts): boolean {
  const row = queue.dropOldest();
  if (row !== undefined) {
    ledger.drop({ numbers: Float64Array.of(row.number), extraBytes: row.extraBytes }, 'oldest');
    return true;
  }
  const [idle] = [...dispatcher.batches].filter(({ state }) => state === 'ready' || state === 'waiting');
  if (idle === undefined) return false;
  for (const piece of abandon(idle)) {
    if (piece.maybeApplied) endAsUnknown(piece);
    else ledger.drop(leavingOf(piece), 'oldest');
  }
  dispatcher.remove(idle);
  return true;

  /** Room is needed now: who is told is not waited for. */
  function endAsUnknown(piece: Piece): void {
    const points = () => Array.from({ length: piece.batch.length }, (_, at) => pointAt(piece.batch, at));
    const excerpt = 'the buffer was full before the outcome was known';
    const info = { reason: 'unknown-outcome', code: 'unknown-outcome', status: undefined, excerpt, attempts: piece.attempts } as const;
    void hooks.reject(piece.batch.length, points, info);
    ledger.end(leavingOf(piece), 'unknown');
  }
}
