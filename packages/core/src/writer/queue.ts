import type { Value } from '../point.ts';
import { extraBytesOf, plainBytes } from '../write/memory-bytes.ts';
import { type BatchBounds, createLanes, dropRow, type Lane, makeRoom, type Others, type Rows, takeRows } from './lanes.ts';
import type { KnownSeries } from './series.ts';

/**
 * Points between admission and batching, lane by lane. A durable queue takes its place here: what comes in by `push` goes out by `take`, in
 * order within each lane.
 */
export interface Queue {
  readonly lanes: readonly Lane[];
  /** Rows in lanes that no batch has locked, and their bytes beside the columns. */
  free: number;
  freeExtraBytes: number;
  /** Appends a point with a number as its value. */
  push(series: KnownSeries, time: number, value: number, number: number): void;
  /** Appends a point with any value. */
  pushAny(series: KnownSeries, time: number, value: Value, number: number): void;
  /** The number of the oldest row that may be taken. */
  oldestFree(): number | undefined;
  /** Takes the oldest free rows that fit into one batch, and locks their lanes. */
  take(bounds: BatchBounds): (Rows & { readonly lanes: number }) | undefined;
  unlock(lanes: number): void;
  lockedLanes(): number;
  /** Takes the oldest row away, free or not. Answers what left. */
  dropOldest(): { readonly number: number; readonly extraBytes: number } | undefined;
  /** Takes everything away. */
  takeAll(): Rows | undefined;
}

/** `isLocking`: whether rows of a lane wait until those before them are settled. */
export function createQueue(laneCount: number, isLocking: boolean): Queue {
  const lanes = createLanes(laneCount);
  const others: Others = new Map();

  const headNumber = ({ numbers, head }: Lane) => numbers[head]!;
  const isFilled = ({ head, tail }: Lane) => head < tail;
  const byAge = (a: Lane, b: Lane) => headNumber(a) - headNumber(b);

  function countFree(): void {
    queue.free = 0;
    queue.freeExtraBytes = 0;
    for (const { locked, head, tail, extraBytes } of lanes) {
      if (locked) continue;
      queue.free += tail - head;
      queue.freeExtraBytes += extraBytes;
    }
  }

  const queue: Queue = {
    lanes,
    free: 0,
    freeExtraBytes: 0,
    push(series, time, value, number) {
      const { lane } = series;
      if (lane.tail === lane.capacity) makeRoom(lane);
      const at = lane.tail;
      lane.series[at] = series;
      lane.times[at] = time;
      lane.values[at] = value;
      lane.numbers[at] = number;
      lane.tail = at + 1;
      if (!lane.locked) queue.free++;
    },
    pushAny(series, time, value, number) {
      const { lane } = series;
      if (typeof value === 'number') {
        queue.push(series, time, value, number);
        return;
      }
      const extra = extraBytesOf(value);
      others.set(number, value);
      lane.extraBytes += extra;
      if (!lane.locked) queue.freeExtraBytes += extra;
      queue.push(series, time, Number.NaN, number);
    },
    oldestFree() {
      let oldest: number | undefined;
      for (const lane of lanes) {
        if (lane.locked || !isFilled(lane)) continue;
        if (oldest === undefined || headNumber(lane) < oldest) oldest = headNumber(lane);
      }
      return oldest;
    },
    take(bounds) {
      const free = lanes.filter((lane) => !lane.locked && isFilled(lane)).sort(byAge);
      if (free.length === 0) return undefined;
      const taken = takeRows(free, others, bounds);
      if (isLocking) for (const lane of lanes) if ((lane.bit & taken.lanes) !== 0) lane.locked = true;
      countFree();
      return taken;
    },
    unlock(mask) {
      for (const lane of lanes) if ((lane.bit & mask) !== 0) lane.locked = false;
      countFree();
    },
    lockedLanes: () => lanes.filter(({ locked }) => locked).length,
    dropOldest() {
      const [lane] = lanes.filter(isFilled).sort(byAge);
      if (lane === undefined) return undefined;
      const before = lane.extraBytes;
      const number = dropRow(lane, others);
      countFree();
      return { number, extraBytes: before - lane.extraBytes };
    },
    takeAll() {
      const filled = lanes.filter(isFilled);
      if (filled.length === 0) return undefined;
      const everything = Number.POSITIVE_INFINITY;
      const taken = takeRows(filled, others, { maxRows: everything, maxBytes: everything, maxSeries: everything });
      countFree();
      return taken;
    },
  };
  return queue;
}

/** The bytes in memory of rows that are free. */
export function freeBytes({ free, freeExtraBytes }: Queue): number {
  return free * plainBytes + freeExtraBytes;
}
