import type { Value } from '@anyseries/core';

/** The points of one series, by time. Appending is cheap; a point before the end is moved in. */
export interface TimeLine {
  readonly times: readonly number[];
  readonly values: readonly Value[];
  get(time: number): Value | undefined;
  set(time: number, value: Value): void;
  /** Removes the points of `[start, end)`, or the one at `start` if both are the same. */
  remove(start: number, end: number): void;
  /** The place of the first point at or after a time. */
  firstFrom(time: number): number;
}

export function createTimeLine(): TimeLine {
  const times: number[] = [];
  const values: Value[] = [];

  function firstFrom(time: number): number {
    let [low, high] = [0, times.length];
    if (high > 0 && time > times[high - 1]!) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    times,
    values,
    firstFrom,
    get(time) {
      const place = firstFrom(time);
      return times[place] === time ? values[place] : undefined;
    },
    set(time, value) {
      const place = firstFrom(time);
      if (place === times.length) {
        times.push(time);
        values.push(value);
      } else if (times[place] === time) {
        values[place] = value;
      } else {
        times.splice(place, 0, time);
        values.splice(place, 0, value);
      }
    },
    remove(start, end) {
      const from = firstFrom(start);
      const to = start === end ? from + Number(times[from] === start) : firstFrom(end);
      times.splice(from, to - from);
      values.splice(from, to - from);
    },
  };
}
