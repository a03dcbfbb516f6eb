import type { Value } from './point.ts';
import type { RollupFunctionName } from './rollup/functions.ts';

/** `number`: any double · `integer`: safe integers (up to 2^53 - 1) · `bigint`: 64-bit integers, exact · `boolean` · `string`. */
export type ValueKind = 'number' | 'integer' | 'bigint' | 'boolean' | 'string';

/** What happens to a point written at a time that its series already has. What may be resent blindly follows from it. */
export type OnDuplicate = 'overwrites' | 'keeps-first' | 'adds' | 'keeps-both' | 'refuses' | 'undefined';

/** The finest step of time that a backend keeps; finer times are floored to it. */
export type TimeResolution = 's' | 'ms' | 'us';

/** The most that one request may carry. What is left out has no limit of its own. */
export interface WriteLimits {
  readonly maxPoints?: number;
  readonly maxBytes?: number;
  readonly maxSeries?: number;
}

export interface WriteCapability {
  readonly limits: WriteLimits;
  readonly onDuplicate: OnDuplicate;
  /** What a successful answer proves. */
  readonly outcome: 'stored' | 'unconfirmed';
  /** `item`: the answer tells which points failed · `batch`: a request is stored as a whole or not at all. */
  readonly granularity: 'item' | 'batch';
  /** The backend remembers idempotency keys, so that a resend is safe whatever `onDuplicate` says. */
  readonly idempotencyKey?: boolean;
  /**
   * `increment` adds to the value at a time, atomically. Without an idempotency key it is never resent blindly. `true`: any number ·
   * `integers`: whole numbers only; other amounts are rejected by name.
   */
  readonly increment?: boolean | 'integers';
  /** `range`: points of a range, and whole series · `series`: whole series only. */
  readonly deletes?: 'range' | 'series';
  /** `putSeries` makes sure that a series exists, with its metadata. */
  readonly putSeries?: boolean;
}

export interface ReadCapability {
  /** `any`: every range · `ending-now`: only windows that end now. */
  readonly windows: 'any' | 'ending-now';
  /** `series(filter)` lists series; filters over many series need it. */
  readonly series?: boolean;
  readonly latest?: boolean;
  readonly subscribe?: boolean;
  /** Rollup functions that the backend computes by the definitions of this contract; core computes the others from points. */
  readonly rollups?: readonly RollupFunctionName[];
}

/**
 * What a provider can do, declared once as data. The types, the core, the conformance suite and the documentation read it.
 * What is not declared does not exist in the provider's type, and fails as `unsupported` at run time.
 */
export interface Capabilities {
  readonly write?: WriteCapability;
  readonly read?: ReadCapability;
  readonly values: readonly ValueKind[];
  /** `min` and `max` are epoch milliseconds, both included. */
  readonly times: { readonly resolution: TimeResolution; readonly min: number; readonly max: number };
  readonly keys: { readonly maxBytes: number; readonly caseSensitive: boolean; readonly reserved?: readonly string[] };
  /** How long after its acknowledgement a write may stay invisible to reads, in milliseconds. */
  readonly visibleWithinMs: number;
}

interface ValueTypes {
  readonly number: number | bigint;
  readonly integer: number | bigint;
  readonly bigint: number | bigint;
  readonly boolean: boolean;
  readonly string: string;
}

/** The TypeScript type of the values that a provider keeps. */
export type ValueOf<C extends Capabilities> = C['values'][number] extends infer K
  ? K extends ValueKind
    ? ValueTypes[K] & Value
    : never
  : never;

/** The whole range of times that the contract knows: that of `Date`. */
export const allTimes = { min: -8.64e15, max: 8.64e15 } as const;

/** What every store can do; a store's capabilities are exactly these, but for its limits. */
export const storeCapabilities = {
  write: {
    limits: {},
    onDuplicate: 'overwrites',
    outcome: 'stored',
    granularity: 'item',
    increment: true,
    deletes: 'range',
    putSeries: true,
  },
  read: {
    windows: 'any',
    series: true,
    latest: true,
    subscribe: true,
    rollups: ['sum', 'mean', 'min', 'max', 'count', 'stddev', 'variance', 'ss', 'mult', 'range', 'first', 'last', 'percentile', 'median'],
  },
  values: ['number', 'bigint', 'boolean', 'string'],
  times: { resolution: 'us', ...allTimes },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

export type StoreCapabilities = typeof storeCapabilities;
