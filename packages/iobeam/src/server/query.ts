import { parseDuration } from '../wire/duration.ts';
import { readTimeFormat, type TimeFormat } from '../wire/time.ts';
import { type Call, parameter } from './call.ts';
import { badParameter } from './refusal.ts';

/** What folds many values into one. */
export type Operator = 'sum' | 'count' | 'min' | 'max' | 'mean';

/** Of `Date`, and of stores. */
export const lastMillisecond = 8.64e15;

const operators: ReadonlySet<string> = new Set(['sum', 'count', 'min', 'max', 'mean']);

/** The parameters of queries (sections 4.5 and 4.6). Each reader throws a Refusal for a value that is none. */
export function readOperator(call: Call): Operator | undefined {
  const text = parameter(call, 'operator');
  if (text === undefined || operators.has(text)) return text as Operator | undefined;
  throw badParameter('Invalid value for operator', text);
}

export function readFormat(call: Call): TimeFormat {
  const text = parameter(call, 'timefmt');
  const format = text === undefined ? 'msec' : readTimeFormat(text);
  if (format === undefined) throw badParameter('Invalid value for timefmt', text);
  return format;
}

export function readOutput(call: Call): 'json' | 'csv' {
  const text = parameter(call, 'output')?.toLowerCase() ?? 'json';
  if (text === 'json' || text === 'csv') return text;
  throw badParameter('Invalid value for output', text);
}

/** A whole number from 1 on; `undefined` where there is none. */
export function readLimit(call: Call, name: string): number | undefined {
  const text = parameter(call, name);
  if (text === undefined) return undefined;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && Number.isSafeInteger(limit)) return limit;
  throw badParameter(`Invalid value for ${name}`, text);
}

/** Epoch milliseconds. */
export function readMilliseconds(text: string, name: string): number {
  const time = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Math.abs(time) <= lastMillisecond) return time;
  throw badParameter(`Invalid value for ${name}`, text);
}

/** The end of a range that holds a whole millisecond; `undefined` where no time is later. */
export function endAfter(millisecond: number | undefined): number | undefined {
  return millisecond === undefined || millisecond >= lastMillisecond ? undefined : millisecond + 1;
}

/** The length of buckets that a store can fold by. */
export function readWidth(text: string): number {
  const width = parseDuration(text);
  if (width !== undefined && width <= lastMillisecond) return width;
  throw badParameter('Invalid value for group_by', text);
}
