import type { PointBatch } from '@anyseries/core';
import { writeBody } from '@anyseries/core/http';
import { secondsText } from './time.ts';
import { type TimetricValue, valueText } from './value.ts';

/**
 * A batch of points of one series as CSV with explicit times: sent again, it changes nothing. All points of a batch go through here, so that whole
 * seconds, which most times are, take no detour.
 */
export function encodeBatch({ length, times, values, others }: PointBatch): Uint8Array<ArrayBuffer> {
  return writeBody((body) => {
    for (let row = 0; row < length; row++) {
      const time = times[row]!;
      const value = values[row]!;
      if (time >= 0 && time % 1000 === 0) {
        body.integer(time / 1000);
        body.ascii('.0,');
      } else body.ascii(`${secondsText(time)},`);
      if (Number.isNaN(value)) body.ascii(valueText(others.get(row) as TimetricValue));
      // zero has a sign that `number` leaves out
      else if (value === 0) body.ascii(valueText(value));
      else body.number(value);
      body.ascii('\n');
    }
  });
}
