import { isAnySeriesError, show } from '../errors.ts';
import { parseJson } from '../http/response.ts';
import type { PointInput, Value } from '../point.ts';
import { toTime } from '../time.ts';
import type { RejectInfo } from '../writer/options.ts';
import type { RejectReason } from '../writer/report.ts';

/** A point that was given up, as a line of a dead-letter file holds it. */
export interface DeadPoint {
  readonly point: PointInput;
  readonly reason: RejectReason;
}

/**
 * The line of a point: `{"series":"power","time":1700000000000,"value":1.5,"reason":"refused",...}`. An integer beyond doubles is a number with
 * all of its digits. What is no time or no value is told under `invalid` instead.
 */
export function formatLine(
  { series, time, value }: PointInput,
  { reason, code, status, excerpt, attempts }: RejectInfo,
  at: number,
): string {
  const fields = [`"series":${JSON.stringify(typeof series === 'object' && series !== null ? series.key : String(series))}`];
  const when = readTime(time);
  if (when === undefined) fields.push(`"invalidTime":${JSON.stringify(show(time))}`);
  else fields.push(`"time":${when}`);
  const text = formatValue(value);
  if (text === undefined) fields.push(`"invalidValue":${JSON.stringify(show(value))}`);
  else fields.push(`"value":${text}`);
  const why = JSON.stringify({ reason, code, status, excerpt, attempts, rejectedAt: new Date(at).toISOString() });
  // readers of lines take these two for ends of lines
  return `{${fields.join(',')},${why.slice(1)}\n`.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** The point of a line; `undefined` where the line does not hold a whole one, as after a crash in the middle of it. */
export function parseLine(line: string): DeadPoint | undefined {
  let fields: unknown;
  try {
    fields = parseJson(line);
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null) return undefined;
  const { series, time, value, reason } = fields as Readonly<Record<string, unknown>>;
  if (typeof series !== 'string' || typeof time !== 'number' || typeof reason !== 'string') return undefined;
  if (!['number', 'bigint', 'boolean', 'string'].includes(typeof value)) return undefined;
  return { point: { series, time, value: value as Value }, reason: reason as RejectReason };
}

function readTime(time: unknown): number | undefined {
  try {
    return toTime(time);
  } catch (error) {
    if (isAnySeriesError(error)) return undefined;
    throw error;
  }
}

function formatValue(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) return undefined;
      if (Object.is(value, -0)) return '-0';
      // with all of its digits: the shortest ones would be read as another integer
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value).toString() : String(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
    case 'string':
      return JSON.stringify(value);
    default:
      return undefined;
  }
}
