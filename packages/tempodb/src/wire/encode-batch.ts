import { type PointBatch, valueAt } from '@anyseries/core';
import { encodeValue } from './value.ts';

const minuteMs = 60_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));

/**
 * The body of a multi write or increment (section 5.8): `[{"key":K,"t":T,"v":V},...]`. All points of a batch go through here, so what stays the
 * same is not built again: the part before the time once per series, the text of a minute once for neighbours in it.
 */
export function encodeBatch(batch: PointBatch): string {
  const { length, refs, series, times, values } = batch;
  let body = '[';
  let minute = Number.NaN;
  let minuteText = '';
  for (let row = 0; row < length; row++) {
    const ref = refs[series[row]!]!;
    ref.slot ??= `{"key":${JSON.stringify(ref.key)},"t":"`;
    const time = times[row]!;
    if (!(time >= minute && time < minute + minuteMs)) {
      minute = Math.floor(time / minuteMs) * minuteMs;
      minuteText = new Date(minute).toISOString().slice(0, -'00.000Z'.length);
    }
    const second = Math.trunc((time - minute) / 1000);
    const millisecond = time - minute - second * 1000;
    const value = values[row]!;
    const text = Number.isNaN(value) ? encodeValue(valueAt(batch, row) as bigint) : encodeValue(value);
    body += `${row === 0 ? '' : ','}${ref.slot}${minuteText}${twoDigits[second]}.${threeDigits[millisecond]}Z","v":${text}}`;
  }
  return `${body}]`;
}
