import type { Capabilities } from '../capabilities.ts';
import { AnySeriesError, isAnySeriesError, type Rejection, show } from '../errors.ts';
import type { PointInput, Value } from '../point.ts';
import { createBatchBuilder, type PointBatch, valueAt } from '../point-batch.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { Points } from '../sink.ts';
import type { IndexedBatch } from './cut.ts';
import { createPointRules, type PointRules } from './point-rules.ts';

/** About how many points are looked at before the first of them is sent. */
const usualWindow = 10_000;

export interface Admission {
  readonly capabilities: Capabilities;
  /** The series, if it was used before. */
  known(series: string | SeriesRef): SeriesRef | undefined;
  /** The series. @throws AnySeriesError `invalid` that names `field` */
  ref(series: string | SeriesRef, field: string): SeriesRef;
  /** The time of points that have none. */
  readonly now: number;
  reject(rejection: Rejection): void;
  /** The most points of a batch. Default: about 10,000, in whole requests. */
  readonly windowPoints?: number;
}

/** Checks and normalises points, window by window, as they are asked for. A point that is invalid by itself is rejected; the others go on. */
export function* admit(points: Points, admission: Admission): Generator<IndexedBatch> {
  const { capabilities } = admission;
  const rules = createPointRules(capabilities);
  const { maxPoints = usualWindow } = capabilities.write?.limits ?? {};
  // a whole number of requests, so that none but the last is cut short
  const { windowPoints = maxPoints < usualWindow ? usualWindow - (usualWindow % maxPoints) : usualWindow } = admission;
  const builder = createBatchBuilder(Math.min(windowPoints, sizeHint(points)));
  let indices = new Uint32Array(Math.min(windowPoints, sizeHint(points)));
  let index = 0;

  function take(): IndexedBatch {
    const batch = builder.build();
    const admitted = { batch, indices: indices.subarray(0, batch.length) };
    indices = new Uint32Array(0);
    return admitted;
  }

  function add(ref: SeriesRef, time: number, value: Value): void {
    if (builder.length === indices.length) {
      const grown = new Uint32Array(Math.max(16, indices.length * 2));
      grown.set(indices);
      indices = grown;
    }
    indices[builder.length] = index;
    builder.add(ref, time, value);
  }

  function admitChecked(series: string | SeriesRef, time: unknown, value: unknown): void {
    const field = (name: string) => `points[${index}].${name}`;
    try {
      const ref = admission.ref(series, field('series'));
      const kept = rules.timeOf(time === undefined ? admission.now : time, field('time'));
      add(ref, kept, rules.valueOf(value, field('value')));
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      admission.reject({ index, code: error.code, message: error.message });
    }
  }

  if (isBatch(points)) {
    const refs = points.refs.map(admission.known);
    const whole = points.length <= windowPoints ? admitWhole(points, refs, rules) : undefined;
    if (whole !== undefined) return yield whole;
    for (; index < points.length; index++) {
      const place = points.series[index]!;
      const time = points.times[index]!;
      const value = points.values[index]!;
      const ref = rules.isPlain(time, value) ? refs[place] : undefined;
      if (ref === undefined) admitChecked(points.refs[place]!, time, valueAt(points, index));
      else add(ref, time === 0 ? 0 : time, value);
      if (builder.length >= windowPoints) yield take();
    }
    if (builder.length > 0) yield take();
    return;
  }

  let failure: AnySeriesError | undefined;
  const rows = untilFailure(iterate(points), (error) => {
    failure = error;
  });
  for (const point of rows) {
    if (typeof point === 'object' && point !== null) {
      const { series, time, value } = point;
      const ref = rules.isPlain(time, value) ? admission.known(series) : undefined;
      if (ref === undefined) admitChecked(series, time, value);
      else add(ref, time === 0 ? 0 : (time as number), value);
    } else {
      admission.reject({ index, code: 'invalid', message: `points[${index}]: ${show(point)} is no point` });
    }
    index++;
    if (builder.length >= windowPoints) yield take();
  }
  if (builder.length > 0) yield take();
  if (failure !== undefined) throw failure;
}

/** A batch as it is, without a copy of its columns: if it holds points, all of them plain, and all of its series are known. */
function admitWhole(points: PointBatch, known: readonly (SeriesRef | undefined)[], rules: PointRules): IndexedBatch | undefined {
  const { length, series, times, values } = points;
  const refs = known.filter((ref) => ref !== undefined);
  if (length === 0 || refs.length < known.length || new Set(refs).size < refs.length) return undefined;
  const indices = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    const time = times[row]!;
    if (!rules.isPlain(time, values[row]) || Object.is(time, -0) || series[row]! >= refs.length) return undefined;
    indices[row] = row;
  }
  return { batch: { ...points, refs }, indices };
}

/** What the caller's iterable gives before it fails; those points are delivered first, so that the error can tell exactly what was. */
function untilFailure(points: Iterable<PointInput>, fail: (error: AnySeriesError) => void): Iterable<PointInput> {
  return Array.isArray(points) ? points : guarded();

  function* guarded(): Generator<PointInput> {
    try {
      yield* points;
    } catch (cause) {
      fail(new AnySeriesError('invalid', 'points: the iterable failed; the points that it gave before were delivered', { cause }));
    }
  }
}

export function isBatch(points: Points): points is PointBatch {
  return typeof points === 'object' && points !== null && 'refs' in points && 'times' in points && 'others' in points;
}

function sizeHint(points: Points): number {
  return Array.isArray(points) || isBatch(points) ? points.length : 1024;
}

/** @throws AnySeriesError `invalid` for what is no iterable */
export function iterate(points: Iterable<PointInput>): Iterable<PointInput> {
  if (typeof points === 'object' && points !== null && typeof points[Symbol.iterator] === 'function') return points;
  throw new AnySeriesError('invalid', `points: ${show(points)} is no iterable of points`);
}
