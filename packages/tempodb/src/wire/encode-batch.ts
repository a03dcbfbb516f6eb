import type { PointBatch } from '@anyseries/core';
import { utf8, writeBody } from '@anyseries/core/http';
import { encodeValue } from './value.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const twoPlaces = (number: number) => String(number).padStart(2, '0');
const minuteTexts = Array.from({ length: 1440 }, (_, minute) => `${twoPlaces(Math.trunc(minute / 60))}:${twoPlaces(minute % 60)}:`);
const secondTexts = Array.from({ length: 60 }, (_, second) => `${twoPlaces(second)}.`);
const millisecondTexts = Array.from({ length: 1000 }, (_, number) => `${String(number).padStart(3, '0')}Z","v":`);

/**
 * The body of a multi write or increment (section 5.8): `[{"key":K,"t":T,"v":V},...]`. All points of a batch go through here, so what stays the
 * same is not built again: the part before the time once per series, the text of a day once for neighbours in it, and the times of a day never.
 */
export function encodeBatch({ length, refs, series, times, values, others }: PointBatch): Uint8Array<ArrayBuffer> {
  let midnight = Number.NaN;
  let day = '';
  return writeBody((body) => {
    for (let row = 0; row < length; row++) {
      const ref = refs[series[row]!]!;
      ref.slot ??= utf8(`{"key":${JSON.stringify(ref.key)},"t":"`);
      const time = times[row]!;
      if (!(time >= midnight && time < midnight + dayMs)) {
        midnight = Math.floor(time / dayMs) * dayMs;
        day = new Date(midnight).toISOString().slice(0, -'00:00:00.000Z'.length);
      }
      const sinceMidnight = time - midnight;
      const minute = Math.trunc(sinceMidnight / minuteMs);
      const sinceMinute = sinceMidnight - minute * minuteMs;
      const second = Math.trunc(sinceMinute / 1000);
      const value = values[row]!;
      body.ascii(row === 0 ? '[' : ',');
      body.bytes(ref.slot as Uint8Array);
      body.ascii(day);
      body.ascii(minuteTexts[minute]!);
      body.ascii(secondTexts[second]!);
      body.ascii(millisecondTexts[sinceMinute - second * 1000]!);
      // all but zeros, of which one has a sign, and what goes beyond the integers that a double can hold
      if (value !== 0 && Math.abs(value) <= Number.MAX_SAFE_INTEGER) body.number(value);
      else body.ascii(encodeValue(Number.isNaN(value) ? (others.get(row) as bigint) : value));
      body.ascii('}');
    }
    body.ascii(length === 0 ? '[]' : ']');
  });
}
