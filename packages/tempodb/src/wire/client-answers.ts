import * as z from 'zod/mini';
import { isRecordOf, parts } from './answers.ts';

const { time, value, point, series } = parts;

/** As it is: an ordinary record would lose an entry named `__proto__`. */
const values = z.custom<Readonly<Record<string, number | bigint>>>(
  (entries) => isRecordOf(entries, ['number', 'bigint']),
  'is no record of numbers',
);
const rollup = z._default(z.nullable(z.object({ period: z._default(z.nullable(z.string()), null), fold: z.string() })), null);
const tz = z._default(z.string(), 'UTC');
const data = z.array(point);
const range = { start: time, end: time };

/** Section 5.10. */
export const dataSetAnswer = z.object({
  series,
  ...range,
  data,
  rollup: z._default(z.nullable(z.object({ interval: z.string(), function: z.string(), tz })), null),
  summary: z._default(values, {}),
});
export const dataSetListAnswer = z.array(dataSetAnswer);

/** Section 5.12. */
export const segmentAnswer = z.object({ series, data, rollup, tz });
/** Section 5.13. */
export const aggregateAnswer = z.object({ data, rollup, tz });
/** Section 5.14. */
export const multiAnswer = z.object({ series: z.array(series), data: z.array(z.object({ t: time, v: values })), rollup, tz });
/** Section 5.15. */
export const rollupsAnswer = z.object({
  series,
  data: z.array(z.object({ t: time, v: values })),
  rollup: z.object({ period: z.string(), folds: z.array(z.string()) }),
  tz,
});

const interval = z.object(range);
const found = z.union([
  z.object({ interval, found: point }),
  // until early 2014 the point was not a part of its own
  z.pipe(
    z.object({ interval, t: time, v: value }),
    z.transform(({ interval, t, v }) => ({ interval, found: { t, v } })),
  ),
]);
/** Section 5.16. */
export const findAnswer = z.object({ data: z.array(found), predicate: z.object({ function: z.string(), period: z.string() }), tz });
/** Section 5.18. */
export const summaryAnswer = z.object({ series, ...range, tz, summary: values });
/** Section 5.5. */
export const deletedAnswer = z.object({ deleted: z.number() });
/** Section 3. */
export const databaseAnswer = z.object({ id: z.string(), password: z.string() });
