import { checkSpecVersion } from '../define-provider.ts';
import { AnySeriesError } from '../errors.ts';
import { checkCallOptions, checkObject, checkSignal } from '../options.ts';
import type { PointInput, Value } from '../point.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { CallOptions, Points, WriteResult } from '../sink.ts';
import { unsupportedError } from '../unsupported.ts';
import type { WriterMetrics } from './metrics.ts';
import { openWriter } from './open-writer.ts';
import { resolveOptions, type WriterOptions } from './options.ts';
import type { Report } from './report.ts';
import type { WriterSink } from './road.ts';
import type { Ticket } from './ticket.ts';

/**
 * Takes points at once and delivers them in batches, in order within each series, again where that is safe, and tells what became of every one.
 *
 * A point is *stored*, *unconfirmed*, *rejected*, *unknown*, *dropped* or *returned*, exactly one of these, and counted once.
 */
export interface Writer<V extends Value = Value> {
  /**
   * Puts a point or points into the buffer. Answers `undefined` when all of them are in, and a promise when they have to wait for room: await it,
   * and the writer cannot be overrun. An array is admitted as a whole or not at all; one of more than half the buffer, and an iterable of unknown
   * length, come in piece by piece.
   *
   * It never fails because of the delivery: see `flush`, `offer` and `onReject`.
   *
   * @throws AnySeriesError `closed`, `full` (with `onFull: 'reject'`), `aborted` by the signal while waiting (`admitted` says how many points
   *   are in all the same), `invalid` for what is no point and no iterable. A point that is wrong by itself goes to `onReject`
   */
  write(points: PointInput<V> | Points<V>, options?: { readonly signal?: AbortSignal | undefined }): void | Promise<void>;
  /** Like `write`, and follows these points: the ticket tells when they are in the buffer and what became of each. */
  offer(points: PointInput<V> | Points<V>, options?: { readonly signal?: AbortSignal | undefined }): Ticket;
  /** The series under this key, for `Point.series`: saves the look-up. @throws AnySeriesError `invalid` for a key that no series can have */
  ref(key: string): SeriesRef;
  /**
   * Sends what is there without waiting for more. Resolves when every point that was admitted before has had its end, retries included, or after
   * `deadlineMs`; `pending` tells which it was.
   *
   * @throws AnySeriesError `aborted` by the signal, which ends the waiting and not the delivery
   */
  flush(options?: CallOptions): Promise<Report>;
  /**
   * Takes no more points, delivers what it holds and ends. What is not delivered after `deadlineMs` (default 30,000) is given back by
   * `report.unsent()`, or is *unknown* where it was under way. Further calls answer the same. The sink stays open.
   *
   * @throws AnySeriesError with the `report` when points were lost (option `onLoss`); `aborted` by the signal, which ends the waiting and not
   *   the closing
   */
  close(options?: CallOptions): Promise<Report>;
  [Symbol.asyncDispose](): Promise<void>;
  /** What became of the points so far. */
  report(): Report;
  /** Everything that is counted and measured, as of now. */
  metrics(): WriterMetrics;
}

/** Any sink: a provider, a store, a mirror, or something of their shape. */
export interface AnySink {
  write(points: never, options?: never): Promise<WriteResult>;
  ref(key: string): SeriesRef;
}

/** The type of the values that a sink takes. */
export type SinkValue<S extends AnySink> =
  Extract<Parameters<S['write']>[0], Iterable<unknown>> extends Iterable<PointInput<infer V>> ? V : never;

const closeDeadlineMs = 30_000;

/**
 * Makes a writer over a sink.
 *
 * ```ts
 * await using writer = createWriter(connect(), { onReject: deadLetter('rejected', 64 * 1024 * 1024) });
 * for await (const { sensor, value } of readings) await writer.write({ series: sensor, value });
 * ```
 *
 * @throws AnySeriesError `invalid` that names the option; `unsupported` for a sink that does not write
 */
export function createWriter<S extends AnySink>(sink: S, options: WriterOptions = {}): Writer<SinkValue<S>> {
  checkSpecVersion(sink, 'sink');
  const { capabilities } = sink as unknown as WriterSink;
  if (capabilities.write === undefined) throw unsupportedError('the sink', 'createWriter');
  const resolved = resolveOptions(options);
  const { admission, closing, alarm, now, metrics } = openWriter(sink as unknown as WriterSink, resolved);

  function close(closeOptions?: CallOptions): Promise<Report> {
    const { signal, deadlineMs = closeDeadlineMs } = checkCallOptions(closeOptions);
    const closed = closing.close(deadlineMs);
    return signal === undefined ? closed : waitFor(closed, signal);
  }

  async function flush(flushOptions?: CallOptions): Promise<Report> {
    const { signal, deadlineMs = Number.POSITIVE_INFINITY } = checkCallOptions(flushOptions);
    const release = alarm.hold();
    let cancel = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancel = alarm.at(now() + deadlineMs, resolve);
    });
    try {
      await waitFor(Promise.race([closing.flushed(), deadline]), signal);
      return closing.report();
    } finally {
      cancel();
      release();
    }
  }

  return {
    write(points, writeOptions) {
      if (writeOptions === undefined && admission.admitPlain(points)) return undefined;
      return admission.write(points, signalOf(writeOptions));
    },
    offer: (points, offerOptions) => admission.offer(points, signalOf(offerOptions)),
    ref: (key) => sink.ref(key),
    flush,
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
    report: closing.report,
    metrics: metrics.snapshot,
  };
}

function signalOf(options: unknown): AbortSignal | undefined {
  if (options === undefined) return undefined;
  return checkSignal(checkObject(options, ['signal'], 'options').signal, 'options.signal');
}

/** The promise; or the end of the waiting for it, when the signal is aborted. */
function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new AnySeriesError('aborted', 'the waiting was aborted; the delivery goes on', { cause: signal.reason }));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
