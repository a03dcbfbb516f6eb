import type { Value } from '@anyseries/core';
import { parseDuration } from '../wire/duration.ts';
import { type Call, parameter } from './call.ts';
import { lastMillisecond, type Operator, readLimit, readMilliseconds, readOperator, readWidth } from './query.ts';
import { badParameter } from './refusal.ts';

/** A condition of `where`: `ge(temperature,19)`. */
export interface Condition {
  /** In lower case. */
  readonly field: string;
  holds(value: Value | undefined): boolean;
}

/** A validated query of `GET /data` (section 4.6). */
export interface DataQuery {
  /** Epoch milliseconds; both included, `to` with its whole millisecond. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly limit: number | undefined;
  /** The newest `count` rows for each value of `field`. */
  readonly limitBy: { readonly field: string; readonly count: number } | undefined;
  readonly where: readonly Condition[];
  readonly operator: Operator | undefined;
  /** The width of time buckets in milliseconds. */
  readonly width: number | undefined;
  /** Fields to group by, in the order of the answer's columns. */
  readonly groupBy: readonly string[];
  readonly limitPeriods: number | undefined;
}

/** @throws Refusal */
export function readDataQuery(call: Call, now: number): DataQuery {
  const operator = readOperator(call);
  const [from, to] = readTimes(parameter(call, 'time'), now);
  if (from !== undefined && to !== undefined && from > to) throw badParameter('Invalid value for time', parameter(call, 'time'));
  const { width, groupBy } = operator === undefined ? { width: undefined, groupBy: [] } : readGroups(parameter(call, 'group_by'));
  return {
    from,
    to,
    limit: readLimit(call, 'limit'),
    limitBy: readLimitBy(parameter(call, 'limit_by')),
    where: call.query.getAll('where').map(readCondition),
    operator,
    width,
    groupBy,
    limitPeriods: readLimit(call, 'limit_periods'),
  };
}

/** `FROM,TO`; an empty FROM is no bound, an empty TO is now. */
function readTimes(text: string | undefined, now: number): [from: number | undefined, to: number | undefined] {
  if (text === undefined) return [undefined, undefined];
  const [from = '', to = '', ...rest] = text.split(',').map((part) => part.trim());
  if (rest.length > 0) throw badParameter('Invalid value for time', text);
  return [from === '' ? undefined : readInstant(from, now), to === '' ? now : readInstant(to, now)];
}

/** Epoch milliseconds, `now()`, or so long before or after it. A plus sign that nobody escaped arrives as a blank. */
function readInstant(text: string, now: number): number {
  const relative = /^now\(\)(?:(?:\s*([+-])\s*|\s+)(\w+))?$/i.exec(text);
  if (relative === null) return readMilliseconds(text, 'time');
  const [, sign, duration] = relative;
  if (duration === undefined) return now;
  const ms = parseDuration(duration);
  const time = sign === '-' ? now - (ms ?? Number.NaN) : now + (ms ?? Number.NaN);
  if (Math.abs(time) <= lastMillisecond) return time;
  throw badParameter('Invalid value for time', text);
}

/** `time(1m),device_id`: buckets of time, and fields. */
function readGroups(text: string | undefined): { readonly width: number | undefined; readonly groupBy: readonly string[] } {
  const parts = (text ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const widths = parts.flatMap((part) => /^time\s*\((.*)\)$/i.exec(part)?.[1]?.trim() ?? []);
  if (widths.length > 1) throw badParameter('Invalid value for group_by', text);
  const groupBy = parts.filter((part) => !/^time\s*\(/i.test(part));
  return { width: widths[0] === undefined ? undefined : readWidth(widths[0]), groupBy: [...new Set(groupBy)] };
}

function readLimitBy(text: string | undefined): DataQuery['limitBy'] {
  if (text === undefined) return undefined;
  const [, field, count] = /^\s*(.+?)\s*,\s*(\d+)\s*$/.exec(text) ?? [];
  if (field === undefined || !(Number(count) >= 1)) throw badParameter('Invalid value for limit_by', text);
  return { field: field.toLowerCase(), count: Number(count) };
}

const operations: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  lt: (order) => order < 0,
  gt: (order) => order > 0,
  le: (order) => order <= 0,
  ge: (order) => order >= 0,
};

function readCondition(text: string): Condition {
  const [, operation, field, value] = /^\s*([a-z]+)\s*\(\s*([^,]+?)\s*,\s*(.*?)\s*\)\s*$/is.exec(text) ?? [];
  const compare = operation === undefined ? undefined : operations[operation.toLowerCase()];
  if (compare === undefined || field === undefined || value === undefined) throw badParameter('Invalid value for where', text);
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  const wanted = quoted?.replace(/\\(["\\])/g, '$1') ?? value;
  return {
    field: field.toLowerCase(),
    holds(present) {
      const order = present === undefined ? undefined : compareAs(present, wanted);
      return order !== undefined && compare(order);
    },
  };
}

/** How a value compares with a text read as the value's own type; `undefined` where it is none of that type. */
function compareAs(value: Value, text: string): number | undefined {
  if (typeof value === 'string') return value < text ? -1 : Number(value > text);
  if (typeof value === 'boolean') {
    const lower = text.toLowerCase();
    return lower === 'true' || lower === 'false' ? Number(value) - Number(lower === 'true') : undefined;
  }
  const bound = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(bound) ? undefined : value < bound ? -1 : Number(value > bound);
}
