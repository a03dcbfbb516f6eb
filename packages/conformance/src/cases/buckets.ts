import type { Interval } from '@anyseries/core';
import { equal } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';

const needs: readonly Need[] = ['read', 'read.windows=any'];

interface Example {
  readonly name: string;
  readonly every: Interval;
  readonly timeZone?: string;
  readonly needs?: readonly Need[];
  /** Points, and behind each the start of its bucket. */
  readonly points: readonly (readonly [time: string, bucket: string])[];
}

/** Literal bucket starts, from the definitions and a calendar, never from code. */
const examples: readonly Example[] = [
  {
    name: 'days in Berlin last 23 hours when summer time begins',
    every: '1d',
    timeZone: 'Europe/Berlin',
    points: [
      ['2024-03-30T22:59:59Z', '2024-03-29T23:00:00Z'],
      ['2024-03-30T23:00:00Z', '2024-03-30T23:00:00Z'],
      ['2024-03-31T00:59:59Z', '2024-03-30T23:00:00Z'],
      ['2024-03-31T01:00:00Z', '2024-03-30T23:00:00Z'],
      ['2024-03-31T21:59:59Z', '2024-03-30T23:00:00Z'],
      ['2024-03-31T22:00:00Z', '2024-03-31T22:00:00Z'],
      ['2024-04-01T21:59:59Z', '2024-03-31T22:00:00Z'],
    ],
  },
  {
    name: 'days in Berlin last 25 hours when summer time ends',
    every: '1d',
    timeZone: 'Europe/Berlin',
    points: [
      ['2024-10-26T21:59:59Z', '2024-10-25T22:00:00Z'],
      ['2024-10-26T22:00:00Z', '2024-10-26T22:00:00Z'],
      ['2024-10-27T00:30:00Z', '2024-10-26T22:00:00Z'],
      ['2024-10-27T01:30:00Z', '2024-10-26T22:00:00Z'],
      ['2024-10-27T22:59:59Z', '2024-10-26T22:00:00Z'],
      ['2024-10-27T23:00:00Z', '2024-10-27T23:00:00Z'],
    ],
  },
  {
    name: 'days in New York follow its daylight-saving time',
    every: '1d',
    timeZone: 'America/New_York',
    points: [
      ['2024-03-10T04:59:59Z', '2024-03-09T05:00:00Z'],
      ['2024-03-10T05:00:00Z', '2024-03-10T05:00:00Z'],
      ['2024-03-11T03:59:59Z', '2024-03-10T05:00:00Z'],
      ['2024-03-11T04:00:00Z', '2024-03-11T04:00:00Z'],
      ['2024-11-03T03:59:59Z', '2024-11-02T04:00:00Z'],
      ['2024-11-03T04:00:00Z', '2024-11-03T04:00:00Z'],
      ['2024-11-04T04:59:59Z', '2024-11-03T04:00:00Z'],
      ['2024-11-04T05:00:00Z', '2024-11-04T05:00:00Z'],
    ],
  },
  {
    name: 'the hour that New York has twice makes two buckets',
    every: '1h',
    timeZone: 'America/New_York',
    points: [
      ['2024-11-03T05:30:00Z', '2024-11-03T05:00:00Z'],
      ['2024-11-03T06:30:00Z', '2024-11-03T06:00:00Z'],
      ['2024-11-03T07:30:00Z', '2024-11-03T07:00:00Z'],
    ],
  },
  {
    name: 'hours in Kolkata begin at half past of UTC',
    every: '1h',
    timeZone: 'Asia/Kolkata',
    points: [
      ['2024-01-01T00:29:59Z', '2023-12-31T23:30:00Z'],
      ['2024-01-01T00:30:00Z', '2024-01-01T00:30:00Z'],
    ],
  },
  {
    name: 'months in New York begin at local midnight of the first',
    every: '1month',
    timeZone: 'America/New_York',
    points: [
      ['2024-02-29T12:00:00Z', '2024-02-01T05:00:00Z'],
      ['2024-03-01T04:59:59Z', '2024-02-01T05:00:00Z'],
      ['2024-03-01T05:00:00Z', '2024-03-01T05:00:00Z'],
      ['2024-03-31T12:00:00Z', '2024-03-01T05:00:00Z'],
      ['2024-04-01T04:00:00Z', '2024-04-01T04:00:00Z'],
    ],
  },
  {
    name: 'years in Berlin begin at local midnight of New Year',
    every: '1year',
    timeZone: 'Europe/Berlin',
    points: [
      ['2023-12-31T22:59:59Z', '2022-12-31T23:00:00Z'],
      ['2023-12-31T23:00:00Z', '2023-12-31T23:00:00Z'],
      ['2024-07-01T00:00:00Z', '2023-12-31T23:00:00Z'],
    ],
  },
  {
    name: 'quarters are counted from January',
    every: '3month',
    points: [
      ['2024-03-31T23:59:59Z', '2024-01-01T00:00:00Z'],
      ['2024-04-01T00:00:00Z', '2024-04-01T00:00:00Z'],
      ['2024-12-31T00:00:00Z', '2024-10-01T00:00:00Z'],
    ],
  },
  {
    name: 'weeks are seven days counted from 1970-01-01, in local days',
    every: '1w',
    timeZone: 'Europe/Berlin',
    points: [
      ['2024-03-27T22:59:59Z', '2024-03-20T23:00:00Z'],
      ['2024-03-27T23:00:00Z', '2024-03-27T23:00:00Z'],
      ['2024-04-03T21:59:59Z', '2024-03-27T23:00:00Z'],
      ['2024-04-03T22:00:00Z', '2024-04-03T22:00:00Z'],
    ],
  },
  {
    name: 'buckets of five minutes begin on the fives of the hour',
    every: '5min',
    points: [
      ['2024-01-01T00:04:59Z', '2024-01-01T00:00:00Z'],
      ['2024-01-01T00:05:00Z', '2024-01-01T00:05:00Z'],
      ['2024-01-01T00:59:59Z', '2024-01-01T00:55:00Z'],
    ],
  },
  {
    name: 'an interval may be a number of milliseconds',
    every: 90_000,
    points: [
      ['2024-01-01T00:01:29Z', '2024-01-01T00:00:00Z'],
      ['2024-01-01T00:01:30Z', '2024-01-01T00:01:30Z'],
    ],
  },
  {
    name: 'buckets of milliseconds are exact',
    every: '100ms',
    needs: ['times=ms'],
    points: [
      ['2024-01-01T00:00:00.099Z', '2024-01-01T00:00:00.000Z'],
      ['2024-01-01T00:00:00.100Z', '2024-01-01T00:00:00.100Z'],
      ['2024-01-01T00:00:00.250Z', '2024-01-01T00:00:00.200Z'],
    ],
  },
  {
    name: 'buckets before 1970 begin before their points',
    every: '1h',
    needs: ['times.min<0'],
    points: [
      ['1969-12-31T22:59:59Z', '1969-12-31T22:00:00Z'],
      ['1969-12-31T23:59:59Z', '1969-12-31T23:00:00Z'],
      ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ],
  },
  {
    name: 'days and months before 1970 begin at midnight',
    every: '2month',
    needs: ['times.min<0'],
    points: [
      ['1969-10-31T00:00:00Z', '1969-09-01T00:00:00Z'],
      ['1969-11-01T00:00:00Z', '1969-11-01T00:00:00Z'],
      ['1969-12-31T23:59:59Z', '1969-11-01T00:00:00Z'],
      ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ],
  },
];

/** Where buckets begin. */
export const bucketCases: readonly Case[] = examples.map(({ name, every, timeZone, needs: more = [], points }) =>
  defineCase(name, [...needs, ...more], async (world) => {
    await world.write(points.map(([time], value) => ({ series: 'alpha', time, value })));
    const expected = new Map<string, number>();
    for (const [, bucket] of points) expected.set(bucket, (expected.get(bucket) ?? 0) + 1);
    for (const order of ['ascending', 'descending'] as const) {
      const folded = await world.read({ series: 'alpha', order, rollup: { every, fn: 'count', timeZone } });
      const counts = [...expected].map(([bucket, count]) => [Date.parse(bucket), count]);
      equal(
        folded.map(({ time, value }) => [time, value]),
        order === 'ascending' ? counts : counts.reverse(),
        `the buckets, ${order}`,
      );
    }
  }),
);
