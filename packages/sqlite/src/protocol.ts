import { AnySeriesError, type ErrorCode, type PointBatch, type Series, type SeriesFilter, type Value } from '@anyseries/core';
import type { ReadRequest, StoreOperation } from '@anyseries/core/provider';
import type { Synchronous } from './settings.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly path: string;
  readonly synchronous: Synchronous;
  readonly busyTimeoutMs: number;
}

/** A batch as it travels between the threads: columns that own their buffers, and keys in place of references. */
export interface WireBatch {
  readonly keys: readonly string[];
  readonly series: Uint32Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly others: ReadonlyMap<number, Exclude<Value, number>>;
}

export type WireOperation =
  | { readonly kind: 'write'; readonly batch: WireBatch }
  | { readonly kind: 'increment'; readonly batch: WireBatch; readonly truncate?: boolean }
  | ({ readonly kind: 'putRecord' } & WirePut)
  | Exclude<StoreOperation, { readonly kind: 'write' | 'increment' | 'putRecord' }>;

export interface WirePut {
  readonly collection: string;
  readonly id: string;
  /** JSON as text, or bytes. */
  readonly value: string | Uint8Array;
  readonly ifVersion?: number | null;
  readonly expiresAt?: number;
}

export interface WireRecord {
  readonly id: string;
  readonly value: string | Uint8Array;
  readonly version: number;
  readonly expiresAt?: number;
}

/** The most series in one answer. */
export const seriesPageLength = 1000;

/** What is answered, each with what it answers. */
export interface Answers {
  open: undefined;
  ping: undefined;
  commit: readonly unknown[];
  /** The next page of points of a stream. `last`: the stream has ended with it. */
  page: { readonly page: WireBatch | undefined; readonly last: boolean };
  series: readonly Series[];
  getRecord: WireRecord | undefined;
  listRecords: readonly WireRecord[];
  backup: undefined;
  close: undefined;
}

/** What the main thread asks. `now` is the time of its clock. */
export type Question =
  | { readonly kind: 'open' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'close' }
  | { readonly kind: 'commit'; readonly operations: readonly WireOperation[] }
  /** `opening` comes with the first question for a stream. */
  | { readonly kind: 'page'; readonly stream: number; readonly opening?: ReadRequest }
  | { readonly kind: 'series'; readonly filter: SeriesFilter; readonly after: string }
  | { readonly kind: 'getRecord'; readonly collection: string; readonly id: string }
  | { readonly kind: 'listRecords'; readonly collection: string; readonly prefix: string; readonly after: string; readonly limit: number }
  | { readonly kind: 'backup'; readonly path: string };

export type Asked = WithCall<Question>;

type WithCall<Q> = Q extends Question ? Q & { readonly call: number; readonly now: number } : never;

/** What needs no answer. */
export type Notice =
  | { readonly kind: 'cancel'; readonly stream: number }
  | { readonly kind: 'subscribe'; readonly listener: number; readonly filter: SeriesFilter; readonly now: number }
  | { readonly kind: 'unsubscribe'; readonly listener: number };

export type ToWorker = Asked | Notice;

export type FromWorker =
  | { readonly kind: 'answer'; readonly call: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly call: number; readonly error: WireError }
  | { readonly kind: 'points'; readonly listener: number; readonly batch: WireBatch }
  | { readonly kind: 'gap'; readonly listener: number; readonly from: number; readonly to: number };

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly indices?: readonly number[];
}

export function toWireError({ code, message, retryable, indices }: AnySeriesError): WireError {
  return { code, message, retryable, ...(indices && { indices }) };
}

export function fromWireError({ code, message, retryable, indices }: WireError): AnySeriesError {
  return new AnySeriesError(code, message, { retryable, indices, provider: 'sqlite' });
}

/** The batch itself; its columns own their buffers. */
export function toWireBatch({ refs, series, times, values, others }: PointBatch): WireBatch {
  return { keys: refs.map(({ key }) => key), series, times, values, others };
}

/** A copy of the batch: its columns may be views of larger buffers, and their owner may use them again. */
export function copyToWireBatch({ refs, length, series, times, values, others }: PointBatch): WireBatch {
  const keys = refs.map(({ key }) => key);
  return { keys, series: series.slice(0, length), times: times.slice(0, length), values: values.slice(0, length), others };
}

export function fromWireBatch({ keys, series, times, values, others }: WireBatch): PointBatch {
  return { length: times.length, refs: keys.map((key) => ({ key, slot: undefined })), series, times, values, others };
}

/** What moves to the other thread instead of being copied. */
export function buffersOf({ series, times, values }: WireBatch): ArrayBuffer[] {
  return [series.buffer as ArrayBuffer, times.buffer as ArrayBuffer, values.buffer as ArrayBuffer];
}
