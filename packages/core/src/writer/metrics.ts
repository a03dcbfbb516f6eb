import type { End, RejectReason } from './report.ts';
import type { InstrumentOptions, Meter, ObservableInstrument, ObservableResult } from './telemetry.ts';

/** What was measured so far of something that varies. */
export interface Distribution {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** Why points were sent again: the backend asked to wait, or it could not take them, or may have; or it refused everybody. */
export type RetryClass = 'asked' | 'certain' | 'ambiguous' | 'blocked';

/** Everything that a writer counts; a copy. Times are milliseconds. */
export interface WriterMetrics {
  readonly admitted: number;
  readonly stored: number;
  readonly unconfirmed: number;
  readonly unknown: number;
  readonly returned: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  readonly dropped: Readonly<Partial<Record<'oldest' | 'newest', number>>>;
  /** Attempts that were repeated. */
  readonly retries: Readonly<Partial<Record<RetryClass, number>>>;
  /** By the status of the answer; `none` where there was none. */
  readonly requests: Readonly<Record<string, number>>;
  readonly rawBytes: number;
  readonly wireBytes: number;
  /** Points sent again after they may have been stored. */
  readonly duplicatesPossible: number;
  readonly hookFailures: number;

  readonly bufferedPoints: number;
  readonly bufferedBytes: number;
  readonly inFlight: number;
  readonly oldestAge: number;
  readonly lanesLocked: number;
  /** How long the backend asked to be left alone, from now on. */
  readonly gateClosedFor: number;
  readonly blocked: boolean;

  /** Of one attempt. */
  readonly attemptTime: Distribution;
  /** From the admission of its oldest point until a piece of a batch had its end. */
  readonly outcomeTime: Distribution;
  /** Points of one request. */
  readonly batchPoints: Distribution;
}

type Gauge = 'bufferedPoints' | 'bufferedBytes' | 'inFlight' | 'oldestAge' | 'lanesLocked' | 'gateClosedFor' | 'blocked';
export type Gauges = Pick<WriterMetrics, Gauge>;
type Measure = 'attemptTime' | 'outcomeTime' | 'batchPoints';
type Total = 'rawBytes' | 'wireBytes' | 'duplicatesPossible' | 'hookFailures';

export interface Metrics {
  /** How many points have had each end. */
  readonly ends: Readonly<Record<End, number>>;
  end(end: End, points: number, why?: RejectReason | 'oldest' | 'newest'): void;
  retry(kind: RetryClass): void;
  request(status: number | undefined): void;
  add(total: Total, amount: number): void;
  record(measure: Measure, value: number): void;
  snapshot(): WriterMetrics;
  /** No instrument asks any more. */
  stop(): void;
}

export interface MetricsSource {
  readonly meter: Meter | undefined;
  admitted(): number;
  gauges(): Gauges;
}

export function createMetrics({ meter, admitted, gauges }: MetricsSource): Metrics {
  const ends: Record<End, number> = { stored: 0, unconfirmed: 0, rejected: 0, unknown: 0, dropped: 0, returned: 0 };
  const rejected: Partial<Record<RejectReason, number>> = {};
  const dropped: Partial<Record<'oldest' | 'newest', number>> = {};
  const retries: Partial<Record<RetryClass, number>> = {};
  const requests: Record<string, number> = {};
  const totals: Record<Total, number> = { rawBytes: 0, wireBytes: 0, duplicatesPossible: 0, hookFailures: 0 };
  const measures: Record<Measure, Distribution> = { attemptTime: nothing, outcomeTime: nothing, batchPoints: nothing };
  const instruments = meter && createInstruments(meter, snapshot);

  function snapshot(): WriterMetrics {
    const { rejected: _, dropped: __, ...others } = ends;
    const byClass = { rejected: { ...rejected }, dropped: { ...dropped }, retries: { ...retries }, requests: { ...requests } };
    return { admitted: admitted(), ...others, ...byClass, ...totals, ...gauges(), ...measures };
  }

  return {
    ends,
    end(end, points, why) {
      ends[end] += points;
      if (end === 'rejected') count(rejected, why as RejectReason, points);
      if (end === 'dropped') count(dropped, why as 'oldest' | 'newest', points);
    },
    retry: (kind) => count(retries, kind, 1),
    request: (status) => count(requests, String(status ?? 'none'), 1),
    add(total, amount) {
      totals[total] += amount;
    },
    record(measure, value) {
      const { count: before, sum, min, max } = measures[measure];
      measures[measure] = {
        count: before + 1,
        sum: sum + value,
        min: before === 0 ? value : Math.min(min, value),
        max: Math.max(max, value),
      };
      instruments?.record(measure, value);
    },
    snapshot,
    stop: () => instruments?.stop(),
  };
}

const nothing: Distribution = { count: 0, sum: 0, min: 0, max: 0 };

function count<K extends string>(counts: Partial<Record<K, number>>, key: K, amount: number): void {
  counts[key] = (counts[key] ?? 0) + amount;
}

const measureNames: Readonly<Record<Measure, InstrumentOptions & { readonly name: string }>> = {
  attemptTime: { name: 'attempt.duration', unit: 'ms', description: 'Time of one attempt' },
  outcomeTime: { name: 'outcome.duration', unit: 'ms', description: 'Time from admission to the end' },
  batchPoints: { name: 'batch.points', unit: '{point}', description: 'Points of one request' },
};

/** Feeds instruments of OpenTelemetry; the observable ones read the counts when they are asked, so that counting costs nothing. */
function createInstruments(meter: Meter, snapshot: () => WriterMetrics) {
  const stops: (() => void)[] = [];

  function observe(instrument: ObservableInstrument, callback: (result: ObservableResult) => void): void {
    instrument.addCallback(callback);
    stops.push(() => instrument.removeCallback(callback));
  }

  const counter = (name: string, unit: string, read: (metrics: WriterMetrics) => number) =>
    observe(meter.createObservableCounter(`anyseries.writer.${name}`, { unit }), (result) => result.observe(read(snapshot())));
  const counterBy = (name: string, unit: string, label: string, read: (metrics: WriterMetrics) => Readonly<Record<string, number>>) =>
    observe(meter.createObservableCounter(`anyseries.writer.${name}`, { unit }), (result) => {
      for (const [value, amount] of Object.entries(read(snapshot()))) result.observe(amount, { [label]: value });
    });
  const gauge = (name: string, unit: string, read: (metrics: WriterMetrics) => number) =>
    observe(meter.createObservableGauge(`anyseries.writer.${name}`, { unit }), (result) => result.observe(read(snapshot())));

  counter('admitted', '{point}', (metrics) => metrics.admitted);
  counter('stored', '{point}', (metrics) => metrics.stored);
  counter('unconfirmed', '{point}', (metrics) => metrics.unconfirmed);
  counter('unknown', '{point}', (metrics) => metrics.unknown);
  counter('returned', '{point}', (metrics) => metrics.returned);
  counterBy('rejected', '{point}', 'reason', (metrics) => metrics.rejected as Record<string, number>);
  counterBy('dropped', '{point}', 'reason', (metrics) => metrics.dropped as Record<string, number>);
  counterBy('retries', '{attempt}', 'class', (metrics) => metrics.retries as Record<string, number>);
  counterBy('requests', '{request}', 'status', (metrics) => metrics.requests);
  counter('bytes_raw', 'By', (metrics) => metrics.rawBytes);
  counter('bytes_wire', 'By', (metrics) => metrics.wireBytes);
  counter('duplicates_possible', '{point}', (metrics) => metrics.duplicatesPossible);
  counter('hook_failures', '{call}', (metrics) => metrics.hookFailures);
  gauge('buffered_points', '{point}', (metrics) => metrics.bufferedPoints);
  gauge('buffered_bytes', 'By', (metrics) => metrics.bufferedBytes);
  gauge('in_flight', '{request}', (metrics) => metrics.inFlight);
  gauge('oldest_age', 'ms', (metrics) => metrics.oldestAge);
  gauge('lanes_locked', '{lane}', (metrics) => metrics.lanesLocked);
  gauge('gate_closed_for', 'ms', (metrics) => metrics.gateClosedFor);
  gauge('blocked', '1', (metrics) => (metrics.blocked ? 1 : 0));
  const histograms = Object.fromEntries(
    Object.entries(measureNames).map(([measure, { name, ...options }]) => [
      measure,
      meter.createHistogram(`anyseries.writer.${name}`, options),
    ]),
  );

  return {
    record: (measure: Measure, value: number) => histograms[measure]!.record(value),
    stop() {
      for (const stop of stops) stop();
    },
  };
}
