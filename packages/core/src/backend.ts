import type { Clock } from './clock.ts';
import type { Value } from './point.ts';
import type { PointBatch } from './point-batch.ts';
import type { FoldRequest } from './rollup/fold.ts';
import type { Series, SeriesFilter, SeriesInput } from './series.ts';
import type { SeriesRef } from './series-ref.ts';
import type { Gap } from './source.ts';
import type { Json, StoredRecord } from './store.ts';
import type { Verdict } from './write/verdict.ts';

/** What every call of a backend gets. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export type WriteOperation = 'write' | 'increment';

/** One sending of a batch. */
export interface Attempt extends CallContext {
  readonly operation: WriteOperation;
  /** The same for every attempt at the same batch. */
  readonly idempotencyKey: string;
}

/** A validated read: keys in code-point order, each once; `start` and `end` may be infinite. */
export interface ReadRequest {
  readonly keys: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly descending: boolean;
  /** The most points per series; may be infinite. */
  readonly limit: number;
  /** Given only for what the capability `read.rollups` and the definition's `rollsUp` declare. `limit` then counts its buckets. */
  readonly rollup?: FoldRequest;
}

/** A validated range; without bounds, the whole series with its metadata. */
export interface DeleteRange {
  readonly key: string;
  /** `start` = `end` is the one instant. */
  readonly range?: { readonly start: number; readonly end: number };
}

/**
 * The author's half of a provider: everything that comes here is validated, normalised and within the declared limits.
 * A provider implements what its capabilities declare, no more.
 */
export interface Backend {
  /** Sends one batch, once. Throwing means: not understood at all (`protocol`, ambiguous). */
  send?(batch: PointBatch, attempt: Attempt): Promise<Verdict>;
  /** An upper bound of the bytes that a point takes in a request; needed where `limits.maxBytes` is declared. */
  sizeOf?(ref: SeriesRef, time: number, value: Value): number;
  /** Bytes of a request beside its points. */
  readonly overheadBytes?: number;
  delete?(range: DeleteRange, context: CallContext): Promise<void>;
  putSeries?(series: Required<Pick<SeriesInput, 'key'>> & SeriesInput, context: CallContext): Promise<Series>;
  /** Pages of points: one series after another in the order of the keys, each by time. */
  read?(request: ReadRequest, context: CallContext): AsyncIterable<PointBatch>;
  /** Pages of series, in key order. */
  series?(filter: SeriesFilter, context: CallContext): AsyncIterable<readonly Series[]>;
  /** The newest point of each series that has one, in the order of the keys. */
  latest?(keys: readonly string[], context: CallContext): Promise<PointBatch>;
  /** Starts listening at once; the answer ends it. */
  subscribe?(filter: SeriesFilter, listener: SubscriptionListener): () => void;
  check?(context: CallContext): Promise<{ readonly clockSkewMs?: number }>;
  /** Every call has ended when this is called. */
  close?(): Promise<void>;
}

export interface SubscriptionListener {
  points(batch: PointBatch): void;
  gap(gap: Gap): void;
  failed(error: unknown): void;
}

/** One step of a commit. */
export type StoreOperation =
  | { readonly kind: 'write'; readonly batch: PointBatch }
  /**
   * Fails the commit with `conflict` and the rows as `indices` where the value there is no number or the sum leaves 64 bits. `truncate`: what is
   * there and what is added are cut to integers first.
   */
  | { readonly kind: 'increment'; readonly batch: PointBatch; readonly truncate?: boolean }
  | ({ readonly kind: 'delete' } & DeleteRange)
  /** Answers the `Series`. */
  | { readonly kind: 'putSeries'; readonly series: SeriesInput }
  /** Answers the new version. Fails the commit with `conflict` when `ifVersion` is not what is there. */
  | {
      readonly kind: 'putRecord';
      readonly collection: string;
      readonly id: string;
      readonly value: Json | Uint8Array;
      readonly ifVersion?: number | null;
      readonly expiresAt?: number;
    }
  /** Answers whether there was one. */
  | { readonly kind: 'deleteRecord'; readonly collection: string; readonly id: string; readonly ifVersion?: number }
  /** Fails the commit with `conflict` unless the record has this version (`null`: there is none). */
  | { readonly kind: 'expectRecord'; readonly collection: string; readonly id: string; readonly version: number | null };

/**
 * The author's half of a store. All changes come through `commit`, so that points, increments and records commit together or not at all.
 * Reads see everything that was committed before them.
 */
export interface StoreBackend extends Required<Pick<Backend, 'read' | 'series' | 'latest' | 'subscribe' | 'close'>> {
  /** Applies all operations in order, or none and throws. Answers what each operation answers. */
  commit(operations: readonly StoreOperation[], context: CallContext): Promise<readonly unknown[]>;
  getRecord(collection: string, id: string, context: CallContext): Promise<StoredRecord | undefined>;
  /** At most `limit` records with this prefix and an id after `after` (`''`: from the first), by id. */
  listRecords(collection: string, prefix: string, after: string, limit: number, context: CallContext): Promise<readonly StoredRecord[]>;
  check?(context: CallContext): Promise<{ readonly clockSkewMs?: number }>;
}
