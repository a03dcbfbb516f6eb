import { createPointRules } from '../write/point-rules.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { attempt } from './attempt.ts';
import { createBlockade } from './blockade.ts';
import { bytesHeld, createBuffer } from './buffer.ts';
import { createByteLimit } from './byte-limit.ts';
import { type Closing, createClosing } from './closing.ts';
import { createCohorts } from './cohorts.ts';
import { createConsequences } from './consequences.ts';
import { createDispatcher } from './dispatcher.ts';
import { type Draining, unwatchExit, watchExit } from './exit.ts';
import { createHooks } from './hooks.ts';
import { createIsolator } from './isolate.ts';
import { createLedger } from './ledger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import { dropOldest } from './overflow.ts';
import { createQueue } from './queue.ts';
import type { WriterSink } from './road.ts';
import { createRoadOpener } from './road-opener.ts';
import { createSeriesTable } from './series.ts';
import { createPublisher } from './telemetry.ts';
import { createSteadyTime } from './time.ts';

/** So many lanes share the series: as many batches may be under way or wait without holding up the others. */
const laneCount = 32;

/** The parts of a writer, put together. */
export interface OpenWriter {
  readonly admission: Admission;
  readonly closing: Closing;
  readonly alarm: Alarm;
  readonly metrics: Metrics;
  now(): number;
}

export function openWriter(sink: WriterSink, options: ResolvedOptions): OpenWriter {
  const { clock, random, order } = options;
  const { limits } = sink.capabilities.write;
  const time = createSteadyTime(clock);
  const { now } = time;
  const publish = createPublisher();
  const stopping = new AbortController();
  const fill = { at: Number.POSITIVE_INFINITY };
  const alarm = createAlarm(clock, time);
  const buffer = createBuffer(options.maxBufferedPoints, options.maxBufferedBytes);
  const cohorts = createCohorts();
  const queue = createQueue(order === 'series' ? laneCount : 1, order !== 'none');
  const series = createSeriesTable((key) => sink.ref(key), queue.lanes);

  const metrics = createMetrics({
    meter: options.meter,
    admitted: () => cohorts.next,
    gauges: () => ({
      bufferedPoints: buffer.points,
      bufferedBytes: bytesHeld(buffer),
      inFlight: dispatcher.inFlight(),
      oldestAge: buffer.points === 0 ? 0 : now() - cohorts.oldestTime()!,
      lanesLocked: queue.lockedLanes(),
      gateClosedFor: opener.road()?.gate.closedFor(clock.now()) ?? 0,
      blocked: isBlocked(),
    }),
  });
  const hooks = createHooks({ options, alarm, metrics, now, publish });
  const ledger = createLedger({ buffer, cohorts, metrics, publish, changed });
  const blockade = createBlockade({ configPatience: options.configPatience, hooks, now, publish, ended: () => admission.release() });
  const opener = createRoadOpener({ sink, alarm, hooks, now, random, changed: letGo });
  const byteLimit = createByteLimit(Math.min(options.maxBatchBytes, limits.maxBytes ?? Number.POSITIVE_INFINITY));

  const isBlocked = () => blockade.isOn() || opener.isRefused();

  const consequences = createConsequences({
    options,
    clock,
    cohorts,
    ledger,
    hooks,
    metrics,
    byteLimit,
    isolator: createIsolator(order === 'total'),
    blockade,
    now,
    isStopped: () => stopping.signal.aborted,
    attempt: (piece, road) => attempt(piece, road, { clock, metrics, tracer: options.tracer, signal: stopping.signal, now, publish }),
    done: (batch) => dispatcher.remove(batch),
  });

  const dispatcher = createDispatcher({
    options,
    limits: {
      maxPoints: Math.min(options.maxBatchPoints, limits.maxPoints ?? Number.POSITIVE_INFINITY),
      maxBytes: byteLimit.current(),
      maxSeries: limits.maxSeries ?? Number.POSITIVE_INFINITY,
    },
    byteLimit,
    clock,
    alarm,
    queue,
    cohorts,
    hooks,
    blockade,
    opener,
    fill,
    now,
    deliver: consequences.deliver,
  });

  const admission = createAdmission({
    options,
    clock,
    rules: createPointRules(sink.capabilities),
    series,
    buffer,
    cohorts,
    queue,
    ledger,
    hooks,
    fill,
    now,
    isHeld: () => options.onFull === 'wait' && isBlocked(),
    hold: alarm.hold,
    began: () => watchExit(draining),
    filled: dispatcher.pump,
    dropOldest: () => dropOldest({ queue, dispatcher, ledger, hooks }),
  });

  const closing = createClosing({
    options,
    buffer,
    cohorts,
    queue,
    alarm,
    ledger,
    hooks,
    metrics,
    admission,
    dispatcher,
    consequences,
    stopping,
    now,
    closed: () => unwatchExit(draining),
  });

  const draining: Draining = {
    clock,
    exitDeadlineMs: options.exitDeadlineMs,
    async drain() {
      void closing.flushed();
      await closing.idle();
    },
    report: closing.report,
    left(error) {
      hooks.error(error);
      return options.onError !== undefined;
    },
  };

  function changed(): void {
    admission.release();
    if (buffer.points === 0) unwatchExit(draining);
    closing.changed();
  }

  function letGo(): void {
    admission.release();
    dispatcher.pump();
  }

  admission.release();
  return { admission, closing, alarm, metrics, now };
}
