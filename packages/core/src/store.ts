import type { StoreCapabilities } from './capabilities.ts';
import type { Provider } from './provider-type.ts';
import type { DeleteRequest } from './query.ts';
import type { SeriesInput } from './series.ts';
import type { CallOptions, Points } from './sink.ts';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A small versioned document beside the points. */
export interface StoredRecord<T extends Json | Uint8Array = Json | Uint8Array> {
  readonly id: string;
  readonly value: T;
  /** Changes with every put; never given twice, not even after a delete. */
  readonly version: number;
  /** Epoch milliseconds from which on the record does not exist any more. */
  readonly expiresAt?: number;
}

export interface PutOptions {
  /** Put only if the record has this version; `null`: only if there is none (an expired one counts as none). Else `conflict`. */
  readonly ifVersion?: number | null | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined;
}

export interface ListOptions extends CallOptions {
  readonly prefix?: string | undefined;
  /** Only ids after this one. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Documents by collection and id. Collections and ids are 1 to 1,024 bytes of UTF-8 without U+0000. */
export interface Records {
  get<T extends Json | Uint8Array = Json | Uint8Array>(
    collection: string,
    id: string,
    options?: CallOptions,
  ): Promise<StoredRecord<T> | undefined>;
  /** Puts a record and answers its new version. */
  put(collection: string, id: string, value: Json | Uint8Array, options?: PutOptions & CallOptions): Promise<number>;
  /** Deletes a record; answers whether there was one. */
  delete(collection: string, id: string, options?: { readonly ifVersion?: number | undefined } & CallOptions): Promise<boolean>;
  /** Lists records by id, in code-point order. */
  list<T extends Json | Uint8Array = Json | Uint8Array>(collection: string, options?: ListOptions): AsyncIterable<StoredRecord<T>>;
}

export interface IncrementOptions {
  /** The amounts and the values that they are added to are cut to integers first, toward zero: counters stay whole. */
  readonly truncate?: boolean | undefined;
}

/**
 * What a transaction can do. Reads see the committed state and the transaction's own puts and deletes; writes are collected and applied
 * together at the end. One that fails there (a rejected point, say) fails the whole transaction, and nothing of it is stored.
 */
export interface Transaction {
  write(points: Points): void;
  increment(points: Points<number | bigint>, options?: IncrementOptions): void;
  delete(request: DeleteRequest): void;
  putSeries(series: SeriesInput): void;
  readonly records: {
    get<T extends Json | Uint8Array = Json | Uint8Array>(collection: string, id: string): Promise<StoredRecord<T> | undefined>;
    put(collection: string, id: string, value: Json | Uint8Array, options?: PutOptions): void;
    delete(collection: string, id: string, options?: { readonly ifVersion?: number | undefined }): void;
  };
}

/** A provider with every capability, and records: where a gateway keeps points and everything else. */
export interface StoreExtras {
  readonly records: Records;
  /**
   * Points, increments, deletes and records commit together or not at all. `work` may run again when another commit changed a record that it
   * has read; it must have no effect but through `transaction`. Its answer is that of the run that was committed.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T> | T, options?: CallOptions): Promise<T>;
}

export type Store = Provider<StoreCapabilities> & StoreExtras;
