import { type Fold, parseFold } from '../wire/fold.ts';
import { type Period, parsePeriod } from '../wire/period.ts';
import { parseTimestamp } from '../wire/timestamp.ts';
import type { Query } from './query.ts';
import { badParameter } from './refusal.ts';

/** A range `[start, end)` in epoch milliseconds. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** @throws Refusal 400 */
export function readRange(query: Query): Range {
  const start = readTime(query, 'start');
  const end = readTime(query, 'end');
  if (end < start) throw badParameter('end', `${query.get('end')} is before start`);
  return { start, end };
}

/** @throws Refusal 400 */
export function readTime(query: Query, name: string): number {
  const text = query.get(name);
  const time = text === undefined ? undefined : parseTimestamp(text);
  if (time === undefined) throw badParameter(name, text);
  return time;
}

/** How many rows a page has at most (section 4.13). @throws Refusal 400 */
export function readLimit<T>(query: Query, fallback: T): number | T {
  const text = query.get('limit');
  if (text === undefined) return fallback;
  if (!/^0*[1-9]\d*$/.test(text)) throw badParameter('limit', text);
  return Math.min(Number(text), mostRows);
}

/** Rows of a page that nobody asked a number for. */
export const usualRows = 5000;
const mostRows = 10_000;

/** A period under the first of these names that has one. @throws Refusal 400 */
export function readPeriod(query: Query, ...names: readonly [string, ...string[]]): Period | undefined {
  const text = query.getAny(...names);
  const period = text === undefined ? undefined : parsePeriod(text);
  if (text !== undefined && period === undefined) throw badParameter(names[0], text);
  return period;
}

/** @throws Refusal 400 */
export function parseFoldOf(name: string, text: string | undefined): Fold {
  const fold = text === undefined ? undefined : parseFold(text);
  if (fold === undefined) throw badParameter(name, text);
  return fold;
}
