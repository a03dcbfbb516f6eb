import { abandon } from './batch.ts';
import type { Dispatcher } from './dispatcher.ts';
import { type Ledger, leavingOf } from './ledger.ts';
import type { Queue } from './queue.ts';

export interface OverflowParts {
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  readonly ledger: Ledger;
}

/**
 * Drops the oldest points that were not sent yet; without any, the oldest batch that waits for another attempt. What is under way stays.
 * Answers whether there were any.
 */
export function dropOldest({ queue, dispatcher, ledger }: OverflowParts): boolean {
  const row = queue.dropOldest();
  if (row !== undefined) {
    ledger.drop({ numbers: Float64Array.of(row.number), extraBytes: row.extraBytes }, 'oldest');
    return true;
  }
  const [idle] = [...dispatcher.batches].filter(({ state }) => state === 'ready' || state === 'waiting');
  if (idle === undefined) return false;
  for (const piece of abandon(idle)) {
    if (piece.maybeApplied) ledger.end(leavingOf(piece), 'unknown');
    else ledger.drop(leavingOf(piece), 'oldest');
  }
  dispatcher.remove(idle);
  return true;
}
