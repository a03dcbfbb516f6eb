import * as z from 'zod/mini';
import { parseTimestamp } from './timestamp.ts';

/** A text of section 4.5 as epoch milliseconds. */
const time = z.pipe(
  z.string(),
  z.transform((text, { issues }) => {
    const parsed = parseTimestamp(text);
    if (parsed === undefined) issues.push({ code: 'custom', message: 'is no timestamp', input: text });
    return parsed ?? 0;
  }),
);
const value = z.union([z.number(), z.bigint()]);
const point = z.object({ t: time, v: value });

/** As it is: an ordinary record would lose an entry named `__proto__`. */
const texts = z.custom<Readonly<Record<string, string>>>((entries) => isRecordOf(entries, ['string']), 'is no record of texts');

/** Section 4.4. */
const series = z.object({
  id: z.string(),
  key: z.string(),
  name: z._default(z.string(), ''),
  tags: z._default(z.array(z.string()), []),
  attributes: z._default(texts, {}),
});

export const seriesListAnswer = z.array(series);
export const seriesAnswer = series;
export const pointsAnswer = z.object({ data: z.array(point) });
export const singleAnswer = z.object({ series, data: z.nullable(point), tz: z._default(z.string(), 'UTC') });
export const singleListAnswer = z.array(singleAnswer);
/** Section 5.8. The service wrote each status as a text; some of its clients expect a number. */
export const multiStatusAnswer = z.object({
  multistatus: z.array(z.object({ status: z.coerce.number(), messages: z._default(z.array(z.string()), []) })),
});

/** The parts that other answers are made of. */
export const parts = { time, value, point, series };

export function isRecordOf(input: unknown, kinds: readonly string[]): boolean {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  return Object.values(input).every((entry) => kinds.includes(typeof entry));
}
