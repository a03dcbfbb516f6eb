import { type PointBatch, type SeriesFilter, type SeriesRef, type Value, valueAt } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import * as z from 'zod/mini';

/** `[time, value]`, as reads answer them. */
const row = z.tuple([z.number(), z.union([z.number(), z.bigint(), z.boolean(), z.string()])]);
const series = z.object({
  key: z.string(),
  name: z.optional(z.string()),
  attributes: z.record(z.string(), z.string()),
  tags: z.array(z.string()),
});

export const pointsAnswer = z.object({ points: z.array(row), next: z.optional(z.number()) });
export const seriesAnswer = series;
export const seriesListAnswer = z.object({ series: z.array(series), next: z.optional(z.string()) });
export const latestAnswer = z.object({ points: z.array(z.tuple([z.string(), ...row.def.items])) });
export const pingAnswer = z.object({ time: z.number() });
export const writeAnswer = z.object({
  stored: z.number(),
  errors: z.optional(z.array(z.object({ index: z.number(), code: z.enum(['forbidden', 'conflict', 'invalid']), message: z.string() }))),
});

export const paths = {
  ping: '/v1/ping',
  points: '/v1/points',
  increments: '/v1/increments',
  series: '/v1/series',
  latest: '/v1/latest',
  /** `key:` in front keeps `.` and `..` from being resolved. */
  oneSeries: (key: string) => path`/v1/series/${`key:${key}`}`,
  pointsOf: (key: string) => path`/v1/series/${`key:${key}`}/points`,
};

/** The JSON of a value: exact for every integer, and for minus zero. */
export function encodeValue(value: Value): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Object.is(value, -0)) return '-0';
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value).toString() : String(value);
}

/** `{"points":[["key",time,value],...]}`; the key is left out where a request carries one series. */
export function encodeBatch(batch: PointBatch, withKeys: boolean): string {
  let body = '{"points":[';
  for (let i = 0; i < batch.length; i++) {
    const key = withKeys ? `${encodedKey(batch.refs[batch.series[i]!]!)},` : '';
    body += `${i === 0 ? '' : ','}[${key}${batch.times[i]},${encodeValue(valueAt(batch, i))}]`;
  }
  return `${body}]}`;
}

/** What `encodeBatch` adds to the points. */
export const overheadBytes = 16;

const encoder = new TextEncoder();

/** An upper bound of the bytes that a point takes. */
export function sizeOf(ref: SeriesRef, value: Value): number {
  return 60 + encoder.encode(encodedKey(ref)).length + (typeof value === 'string' ? encoder.encode(JSON.stringify(value)).length : 0);
}

function encodedKey(ref: SeriesRef): string {
  ref.slot ??= JSON.stringify(ref.key);
  return ref.slot as string;
}

/** JSON of an answer, with values encoded as above. */
export function encodeAnswer(answer: unknown): string {
  if (Array.isArray(answer)) return `[${answer.map(encodeAnswer).join(',')}]`;
  if (typeof answer === 'object' && answer !== null) {
    const fields = Object.entries(answer).filter(([, value]) => value !== undefined);
    return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${encodeAnswer(value)}`).join(',')}}`;
  }
  return encodeValue(answer as Value);
}

export function encodeFilter(filter: SeriesFilter): string {
  return JSON.stringify(filter);
}
