import type { Attempt, WriteOperation } from '../backend.ts';
import type { Capabilities, WriteCapability } from '../capabilities.ts';
import type { Value } from '../point.ts';
import type { PointBatch } from '../point-batch.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { Gate } from './gate.ts';
import type { Verdict } from './verdict.ts';

/** Under this symbol every sink made by core answers its columnar road (a promise: the backend opens first); a writer drives it batch by batch. */
export const deliverySymbol: unique symbol = Symbol.for('anyseries.delivery') as never;

/** The road of a batch: from columns to the verdict of one sending. Cutting, order and retry are the driver's. */
export interface Delivery {
  readonly capabilities: Capabilities & { readonly write: WriteCapability };
  readonly overheadBytes: number;
  /** Closed when the backend asks to be left alone, for everything that goes there. */
  readonly gate: Gate;
  ref(key: string): SeriesRef;
  /** An upper bound of the bytes that a point takes in a request; of those in memory, where the backend has no bound of its own. */
  sizeOf(ref: SeriesRef, time: number, value: Value): number;
  send(batch: PointBatch, attempt: Attempt): Promise<Verdict>;
}

/** Whether the same batch may be sent again although it may have been applied. */
export function isResendSafe(write: WriteCapability, operation: WriteOperation): boolean {
  if (write.idempotencyKey === true) return true;
  return operation === 'write' && (write.onDuplicate === 'overwrites' || write.onDuplicate === 'keeps-first');
}
