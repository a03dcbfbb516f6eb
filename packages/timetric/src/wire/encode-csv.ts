import type { PointBatch } from '@anyseries/core';
import { secondsText } from './time.ts';
import { type TimetricValue, valueText } from './value.ts';

/** A row of CSV, with its line end. @param time epoch milliseconds */
export function csvRow(time: number, value: TimetricValue): string {
  return `${secondsText(time)},${valueText(value)}\n`;
}

/** A batch of points of one series as CSV with explicit times: sent again, it changes nothing. */
export function encodeBatch({ length, times, values, others }: PointBatch): string {
  let text = '';
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    // zero has a sign that `String` leaves out
    const shown = Number.isNaN(value) ? others.get(row) : value === 0 ? valueText(value) : value;
    text += `${secondsText(times[row]!)},${shown}\n`;
  }
  return text;
}
