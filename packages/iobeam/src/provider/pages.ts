import type { PointBatch, Value } from '@anyseries/core';
import { createBatchBuilder, type FoldRequest, loadFold, type ReadRequest } from '@anyseries/core/provider';

/** Points of one series, by ascending time. */
export interface Points {
  readonly times: readonly number[];
  readonly values: readonly Value[];
}

/** Asks for points of one series; `limit` keeps the newest, `from` and `to` are whole milliseconds, both included (section 4.5). */
export type FetchPoints = (search: Readonly<Record<string, string>>) => Promise<Points>;

type Range = Omit<ReadRequest, 'keys'>;
type Milliseconds = number | undefined;

/** The most points of an answer; more than a millisecond has microseconds, so that every answer gets further. */
const pagePoints = 10_000;
const pointsPerMillisecond = 1000;
/** So many parts are counted at least: points that lie close together in a long range are found soon. */
const leastParts = 100;

/**
 * Reads a range of one series page by page. The service has no pages, only the newest so many points of a range: downwards, a page ends where the
 * next begins; upwards, a range with too many points is divided by counting.
 */
export async function* readPages(key: string, range: Range, fetch: FetchPoints): AsyncGenerator<PointBatch> {
  const { start, end, descending, limit, rollup } = range;
  if (start >= end || limit <= 0) return;
  if (rollup !== undefined && !(isWholeMillisecond(start) && isWholeMillisecond(end))) {
    // the service would fold points of the same millisecond that are outside of the range
    const { rollup: _, ...points } = range;
    const { foldPages } = await loadFold();
    yield* foldPages(readPages(key, { ...points, limit: Number.POSITIVE_INFINITY }, fetch), rollup, { descending, limit });
    return;
  }
  const ref = { key, slot: undefined };
  let left = limit;
  for await (const { times, values } of descending ? downwards(range, fetch) : upwards(range, fetch)) {
    const builder = createBatchBuilder(times.length);
    for (let i = 0; i < times.length && left > 0; i++) {
      const place = descending ? times.length - 1 - i : i;
      const time = times[place]!;
      if (rollup === undefined && (time < start || time >= end)) continue;
      builder.add(ref, time, values[place]!);
      left--;
    }
    if (builder.length > 0) yield builder.build();
    if (left === 0) return;
  }
}

/** Pages from the newest down; each by ascending time. */
async function* downwards({ start, end, limit, rollup }: Range, fetch: FetchPoints): AsyncGenerator<Points> {
  const from = firstMillisecond(start);
  const size = Math.min(pagePoints, limit + pointsPerMillisecond + 1);
  let to = lastMillisecond(end);
  for (let above = Number.POSITIVE_INFINITY; ; ) {
    const page = await fetch({ ...searchFor(rollup, from, to), limit: String(size) });
    yield below(page, above);
    if (page.times.length < size) return;
    above = page.times[0]!;
    // in the millisecond of the oldest point there may be older ones
    to = rollup === undefined ? Math.floor(above) : above - 1;
  }
}

function below({ times, values }: Points, above: number): Points {
  const count = times.findIndex((time) => time >= above);
  return count < 0 ? { times, values } : { times: times.slice(0, count), values: values.slice(0, count) };
}

/** Pages from the oldest up. */
async function* upwards({ start, end, rollup }: Range, fetch: FetchPoints): AsyncGenerator<Points> {
  const bucketMs = rollup === undefined ? 1 : widthOf(rollup);
  yield* between(firstMillisecond(start), lastMillisecond(end));

  async function* between(from: Milliseconds, to: Milliseconds): AsyncGenerator<Points> {
    const page = await fetch({ ...searchFor(rollup, from, to), limit: String(pagePoints + 1) });
    if (page.times.length <= pagePoints) return yield page;
    const cuts = await divide(from, to, Math.floor(page.times.at(-1)!));
    for (const [i, cut] of [...cuts, undefined].entries()) yield* between(i === 0 ? from : cuts[i - 1], cut === undefined ? to : cut - 1);
  }

  /** Where to divide a range whose newest point is at `last`, so that each part fits into a page: at the bounds of buckets, at least once. */
  async function divide(from: Milliseconds, to: Milliseconds, last: number): Promise<number[]> {
    const whole = await fetch({ operator: 'count', ...bounds(from, to) });
    const first = Math.floor(whole.times[0] ?? last);
    const span = last - first + 1;
    const parts = Math.max(leastParts, Math.ceil((4 * least(Number(whole.values[0] ?? 1), span)) / pagePoints));
    const width = Math.max(1, Math.ceil(span / parts / bucketMs)) * bucketMs;
    const counted = await fetch({ operator: 'count', group_by: `${width}ms`, ...bounds(from, to) });
    const cuts: number[] = [];
    let sum = 0;
    for (const [i, time] of counted.times.entries()) {
      const count = least(Number(counted.values[i]), width);
      if (sum + count > pagePoints && time > first) {
        cuts.push(time);
        sum = 0;
      }
      sum += count;
    }
    return cuts.length > 0 ? cuts : [Math.ceil((first + span / 2) / bucketMs) * bucketMs];
  }

  /** Buckets are no more than their points, and no more than fit into a stretch of time. */
  function least(count: number, span: number): number {
    return rollup === undefined ? count : Math.min(count, Math.ceil(span / bucketMs) + 1);
  }
}

function isWholeMillisecond(time: number): boolean {
  return !Number.isFinite(time) || Number.isInteger(time);
}

function firstMillisecond(start: number): Milliseconds {
  return Number.isFinite(start) ? Math.floor(start) : undefined;
}

/** The last millisecond that has times before the end. */
function lastMillisecond(end: number): Milliseconds {
  return Number.isFinite(end) ? Math.ceil(end) - 1 : undefined;
}

function searchFor(rollup: FoldRequest | undefined, from: Milliseconds, to: Milliseconds): Record<string, string> {
  const folded = rollup === undefined ? {} : { operator: rollup.fn.name, group_by: writeDuration(widthOf(rollup)) };
  return { ...folded, ...bounds(from, to) };
}

function bounds(from: Milliseconds, to: Milliseconds): Record<string, string> {
  return { ...(from === undefined ? {} : { from: String(from) }), ...(to === undefined ? {} : { to: String(to) }) };
}

const dayMs = 86_400_000;

function widthOf({ every }: FoldRequest): number {
  return every.unit === 'd' ? every.count * dayMs : every.count;
}

/** In the largest unit that fits: the smaller ones came late. */
function writeDuration(ms: number): string {
  const [unit, length] = (
    [
      ['d', dayMs],
      ['h', 3_600_000],
      ['m', 60_000],
      ['s', 1000],
      ['ms', 1],
    ] as const
  ).find(([, length]) => ms % length === 0)!;
  return `${ms / length}${unit}`;
}
