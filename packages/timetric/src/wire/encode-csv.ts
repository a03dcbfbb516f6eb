import { secondsText } from './time.ts';
import { type TimetricValue, valueText } from './value.ts';

/** A row of CSV, with its line end. @param time epoch milliseconds */
export function csvRow(time: number, value: TimetricValue): string {
  return `${secondsText(time)},${valueText(value)}\n`;
}
