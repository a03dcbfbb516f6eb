import type { Report } from './writer/report.ts';

/**
 * What went wrong, as a closed set. Codes are API: programs branch on them; messages are for people and may change.
 *
 * - `unauthenticated` the backend does not know who asks · `forbidden` it knows, and refuses
 * - `not-found` the address, project or series does not exist · `conflict` another state than the call expects
 * - `invalid` the caller's data or options are wrong; the message names the field · `too-large` over a limit of the backend
 * - `rate-limited` asked too often · `unavailable` not reachable or not able now · `timeout` no answer in time
 * - `aborted` the caller's `AbortSignal` · `closed` used after `close()` · `locked` held by somebody else
 * - `unsupported` not among the declared capabilities · `spec-version` made for another version of the contract
 * - `protocol` the answer is not what the protocol says · `unknown-outcome` points may or may not be stored
 * - `expired` too old to be sent · `full` a bounded buffer has no room
 */
export type ErrorCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'invalid'
  | 'too-large'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'aborted'
  | 'unsupported'
  | 'protocol'
  | 'conflict'
  | 'spec-version'
  | 'unknown-outcome'
  | 'expired'
  | 'full'
  | 'locked'
  | 'closed';

/** A point that was not stored, at its index in the caller's input. */
export interface Rejection {
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What became of the points of a write that ended with an error. Indices are the caller's. */
export interface WriteOutcome {
  /** Points that the backend confirmed as stored. */
  readonly stored: number;
  /** Points that the backend accepted without proof that they are stored. */
  readonly unconfirmed: number;
  /** Points that are not stored, each with the reason. */
  readonly rejected: readonly Rejection[];
  /** Indices of points that may or may not be stored. */
  readonly unknown: readonly number[];
  /** Indices of points that were never applied: they can be written again without a doubt. */
  readonly unsent: readonly number[];
}

export interface ErrorDetails {
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable?: boolean | undefined;
  /** How long the backend asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The id of the provider that raised it. */
  readonly provider?: string | undefined;
  /** For writes: what became of each point. */
  readonly outcome?: WriteOutcome | undefined;
  /** Indices of the points that the error is about. */
  readonly indices?: readonly number[] | undefined;
  /** For a write to a writer that was refused: how many of its points, from the first, are in the buffer all the same. */
  readonly admitted?: number | undefined;
  /** For the `close` of a writer that has lost points: what became of all of them. */
  readonly report?: Report | undefined;
  readonly cause?: unknown;
}

const marker = Symbol.for('anyseries.error');
const retryableCodes: ReadonlySet<ErrorCode> = new Set(['rate-limited', 'unavailable', 'timeout', 'locked', 'full']);

/**
 * The one error class of anyseries. Recognise it with {@link isAnySeriesError}, never with `instanceof`: two copies of core may be loaded.
 * It never carries credentials, request bodies, headers or query strings.
 */
export class AnySeriesError extends Error {
  override readonly name: string = 'AnySeriesError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly provider: string | undefined;
  readonly outcome: WriteOutcome | undefined;
  readonly indices: readonly number[] | undefined;
  readonly admitted: number | undefined;
  readonly report: Report | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? retryableCodes.has(code);
    this.retryAfterMs = details.retryAfterMs;
    this.provider = details.provider;
    this.outcome = details.outcome;
    this.indices = details.indices;
    this.admitted = details.admitted;
    this.report = details.report;
    Object.defineProperty(this, marker, { value: true });
  }
}

/** Whether a value is an {@link AnySeriesError}, of this copy of core or of another one. */
export function isAnySeriesError(error: unknown): error is AnySeriesError {
  return typeof error === 'object' && error !== null && marker in error;
}

/** An `invalid` error; the message begins with the name of the field that is wrong. */
export function invalid(field: string, problem: string): AnySeriesError {
  return new AnySeriesError('invalid', `${field}: ${problem}`);
}

/** The text of a value for a message: short, quoted where it is a string, never a whole object. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
