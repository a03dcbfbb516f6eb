import { type Clock, systemClock } from '../clock.ts';
import { type AnySeriesError, type ErrorCode, invalid, show } from '../errors.ts';
import { checkObject } from '../options.ts';
import type { PointInput } from '../point.ts';
import type { RejectReason } from './report.ts';
import type { Meter, Tracer } from './telemetry.ts';

/** Why `onReject` gets points. */
export interface RejectInfo {
  readonly reason: RejectReason;
  /** The code of the error behind it. */
  readonly code: ErrorCode;
  /** The status of the answer, where there was one. */
  readonly status: number | undefined;
  /** The first words of what the backend, or the check that failed, said. */
  readonly excerpt: string;
  /** How often the points were sent. */
  readonly attempts: number;
}

/** Why nothing goes out at the moment. */
export interface Block {
  /** `auth`: the credentials are refused · `tls`: the server's certificate is not trusted · `config`: the address or the method is wrong */
  readonly why: 'auth' | 'tls' | 'config';
  readonly error: AnySeriesError;
}

/** Options of `createWriter`. Times are milliseconds. */
export interface WriterOptions {
  /** The most points of a request; a lower limit of the backend wins. Default 5,000. */
  readonly maxBatchPoints?: number | undefined;
  /** The most bytes of a request, as far as the provider can tell them beforehand; a lower limit of the backend wins. Default 1 MiB. */
  readonly maxBatchBytes?: number | undefined;
  /** How long a point may wait for others to share its request. Full batches leave at once. Default 200; 0 sends what there is. */
  readonly linger?: number | undefined;
  /** The most points held, from their admission to their end: waiting, in flight and between attempts. Default 100,000. */
  readonly maxBufferedPoints?: number | undefined;
  /** The most bytes that these points take in memory. Default 64 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /** The most requests at a time. Default 4. */
  readonly maxInFlight?: number | undefined;
  /**
   * What a write does when the buffer is full. `wait` (default): it answers a promise · `reject`: it fails as `full` · `drop-oldest`,
   * `drop-newest`: points are dropped, and counted
   */
  readonly onFull?: 'wait' | 'reject' | 'drop-oldest' | 'drop-newest' | undefined;
  /**
   * Which points are never overtaken, not even by a retry. `series` (default): those of the same series · `total`: any, with one request at
   * a time · `none`: no order is kept
   */
  readonly order?: 'series' | 'none' | 'total' | undefined;
  /** Points that are older, counted from their admission, are not sent any more but rejected as `expired`. Default: no limit. */
  readonly maxAge?: number | undefined;
  /**
   * What becomes of points that may be stored, where a resend could store them twice. `reject` (default): they end as *unknown* and go to
   * `onReject` · `retry`: they are sent again, and may be there twice
   */
  readonly ambiguous?: 'reject' | 'retry' | undefined;
  /** For how long points are kept while the address or the method is refused (404, 405, 410, 415, 501, 505). Default 300,000. */
  readonly configPatience?: number | undefined;
  /** For how long a process that would end is kept alive for the points that are pending. Default 5,000; 0 not at all. */
  readonly exitDeadlineMs?: number | undefined;
  /** Gets the points that are given up. It is awaited for up to 10 s; its failure is told to `onError` and changes nothing. */
  readonly onReject?: ((points: readonly PointInput[], rejection: RejectInfo) => void | Promise<void>) | undefined;
  /** Told when the backend begins to refuse everything. The points are kept, and one batch tries again and again. */
  readonly onBlocked?: ((block: Block) => void) | undefined;
  /** Told what goes wrong in the background: attempts that will be repeated, hooks that failed, points left at the end of the process. */
  readonly onError?: ((error: AnySeriesError) => void) | undefined;
  /**
   * Whether `close` fails when points were lost: dropped, returned, or rejected or unknown without an `onReject` that took them. `throw`
   * (default): with an error that carries the `report` · `report`: never
   */
  readonly onLoss?: 'throw' | 'report' | undefined;
  /** A meter of OpenTelemetry, or anything of its shape. */
  readonly meter?: Meter | undefined;
  /** A tracer of OpenTelemetry, or anything of its shape: it gets a span per attempt. */
  readonly tracer?: Tracer | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** A number in [0, 1) to draw delays with; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

type Optional = 'onReject' | 'onBlocked' | 'onError' | 'meter' | 'tracer';

/** Options with their defaults. */
export type ResolvedOptions = { readonly [K in Exclude<keyof WriterOptions, Optional>]-?: NonNullable<WriterOptions[K]> } & {
  readonly [K in Optional]: WriterOptions[K];
};

const defaults = {
  maxBatchPoints: 5000,
  maxBatchBytes: 1024 * 1024,
  linger: 200,
  maxBufferedPoints: 100_000,
  maxBufferedBytes: 64 * 1024 * 1024,
  maxInFlight: 4,
  onFull: 'wait',
  order: 'series',
  maxAge: Number.POSITIVE_INFINITY,
  ambiguous: 'reject',
  configPatience: 300_000,
  exitDeadlineMs: 5000,
  onReject: undefined,
  onBlocked: undefined,
  onError: undefined,
  onLoss: 'throw',
  meter: undefined,
  tracer: undefined,
  clock: systemClock,
  random: Math.random,
} as const satisfies ResolvedOptions;

const choices = {
  onFull: ['wait', 'reject', 'drop-oldest', 'drop-newest'],
  order: ['series', 'none', 'total'],
  ambiguous: ['reject', 'retry'],
  onLoss: ['throw', 'report'],
} as const;

const counts = ['maxBatchPoints', 'maxBatchBytes', 'maxBufferedPoints', 'maxBufferedBytes', 'maxInFlight'] as const;
const times = ['linger', 'maxAge', 'configPatience', 'exitDeadlineMs'] as const;
const functions = ['onReject', 'onBlocked', 'onError', 'random'] as const;

/** @throws AnySeriesError `invalid` that names the option */
export function resolveOptions(options: WriterOptions): ResolvedOptions {
  const given = checkObject(options, Object.keys(defaults), 'options');
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  for (const name of counts) check(set, name, isCount, 'no whole number from 1 on');
  for (const name of times) check(set, name, isTime, 'no number of milliseconds from 0 on');
  for (const name of functions) check(set, name, (value) => typeof value === 'function', 'no function');
  for (const [name, known] of Object.entries(choices))
    check(set, name, (value) => (known as readonly unknown[]).includes(value), `none of ${known.join(', ')}`);
  check(set, 'clock', (value) => hasMethods(value, 'now', 'setTimer'), 'no clock with now() and setTimer()');
  check(
    set,
    'meter',
    (value) => hasMethods(value, 'createObservableCounter', 'createObservableGauge', 'createHistogram'),
    'no meter of OpenTelemetry',
  );
  check(set, 'tracer', (value) => hasMethods(value, 'startSpan'), 'no tracer of OpenTelemetry');
  return { ...defaults, ...set };
}

function check(set: Readonly<Record<string, unknown>>, name: string, isValid: (value: unknown) => boolean, problem: string): void {
  if (name in set && !isValid(set[name])) throw invalid(`options.${name}`, `${show(set[name])} is ${problem}`);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
