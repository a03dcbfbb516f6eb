import type { Rejection } from '../errors.ts';
import { extraBytesOf } from '../write/memory-bytes.ts';
import type { Buffer } from './buffer.ts';
import type { Cohorts } from './cohorts.ts';
import type { Rows } from './lanes.ts';
import type { Metrics } from './metrics.ts';
import type { End, RejectReason } from './report.ts';
import type { WriterEvent } from './telemetry.ts';

/** Points that leave the buffer together. */
export interface Leaving {
  readonly numbers: Float64Array;
  readonly extraBytes: number;
}

/** The one place where points have their end: counted once, out of the buffer, told to their tickets. */
export interface Ledger {
  end(leaving: Leaving, end: Exclude<End, 'rejected' | 'dropped'>): void;
  drop(leaving: Leaving, why: 'oldest' | 'newest'): void;
  reject(leaving: Leaving, reason: RejectReason, rejectionOf: (row: number) => Pick<Rejection, 'code' | 'message'>): void;
}

export interface LedgerParts {
  readonly buffer: Buffer;
  readonly cohorts: Cohorts;
  readonly metrics: Metrics;
  publish(event: WriterEvent, message: () => object): void;
  /** Told after points have left. */
  changed(): void;
}

export function createLedger({ buffer, cohorts, metrics, publish, changed }: LedgerParts): Ledger {
  function settle(
    { numbers, extraBytes }: Leaving,
    end: End,
    why?: RejectReason | 'oldest' | 'newest',
    rejectionOf?: (row: number) => Pick<Rejection, 'code' | 'message'>,
  ): void {
    if (numbers.length === 0) return;
    buffer.points -= numbers.length;
    buffer.extraBytes -= extraBytes;
    metrics.end(end, numbers.length, why);
    cohorts.end(numbers, ({ ticket, ticketIndex, first }, row, number) => {
      ticket!.end(ticketIndex + number - first, end, rejectionOf?.(row));
    });
    changed();
  }

  return {
    end: (leaving, end) => settle(leaving, end),
    drop(leaving, why) {
      publish('dropped', () => ({ points: leaving.numbers.length, why }));
      settle(leaving, 'dropped', why);
    },
    reject: (leaving, reason, rejectionOf) => settle(leaving, 'rejected', reason, rejectionOf),
  };
}

/** All rows of a piece, or the given ones. */
export function leavingOf({ batch, indices }: Rows, rows?: ArrayLike<number>): Leaving {
  let extraBytes = 0;
  if (rows === undefined) {
    for (const other of batch.others.values()) extraBytes += extraBytesOf(other);
    return { numbers: indices, extraBytes };
  }
  const numbers = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    numbers[i] = indices[rows[i]!]!;
    const other = batch.others.get(rows[i]!);
    if (other !== undefined) extraBytes += extraBytesOf(other);
  }
  return { numbers, extraBytes };
}
