import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill, get, iso, now, type Pair, type Row, startService } from './server-fixture.ts';

const start = Date.parse('2012-01-01T00:00:00Z');
const hour = 3_600_000;
const day = 24 * hour;
const somePoints = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -20, max: 100 }), fc.integer({ min: -2, max: 2 })), {
    maxLength: 25,
    selector: ([step]) => step,
  })
  .map((points) => points.sort(([a], [b]) => a - b).map(([step, value]): Pair => [start + step * 7 * 60_000, value]));
const zones = fc.constantFrom('UTC', 'America/Chicago', 'Asia/Kathmandu', '+05:30');

describe('a single value', () => {
  test('is the one that the direction names, as a search by hand finds it', async () => {
    const service = await startService();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 8 }),
        fc.integer({ min: -60, max: 60 }),
        async (steps, at) => {
          await service.store.delete({ series: 'k' });
          await fill(
            service,
            'k',
            steps.map((step) => [start + step, step]),
          );
          const sorted = steps.toSorted((a, b) => a - b);
          const expected = {
            exact: sorted.find((step) => step === at),
            before: sorted.findLast((step) => step <= at),
            after: sorted.find((step) => step >= at),
            nearest: sorted.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at) || a - b)[0],
          };
          for (const [direction, step] of Object.entries(expected)) {
            const parameters = { ts: iso(start + at), direction, key: 'k' };
            const data = step === undefined ? null : { t: iso(start + step), v: step };
            const { json } = await get(service, 'series/key/k/single', parameters);
            expect(json).toMatchObject({ series: { key: 'k' }, data, tz: 'UTC' });
            expect((await get(service, 'single', { ...parameters, direction: direction.toUpperCase() })).json).toEqual([json]);
          }
        },
      ),
    );
  });

  test('is asked for now where no time is given, and exactly', async () => {
    const service = await startService();
    await fill(service, 'k', [
      [now, 1],
      [now + 1, 2],
    ]);
    expect((await get(service, 'series/key/k/single', {})).json.data).toEqual({ t: iso(now), v: 1 });
    expect((await get(service, 'single', { ts: '9999-12-31', direction: 'before' })).json[0].data).toEqual({ t: iso(now + 1), v: 2 });
    expect((await get(service, 'single', { key: 'none' })).json).toEqual([]);
  });
});

describe('find', () => {
  test('names the point of each bucket that a search by hand finds, and the whole bucket', async () => {
    await fc.assert(
      fc.asyncProperty(somePoints, fc.constantFrom('max', 'min', 'first', 'last'), zones, async (points, name, tz) => {
        const service = await startService();
        await fill(service, 'k', points);
        const { json } = await get(service, 'series/key/k/find', {
          start: iso(start),
          end: iso(start + day),
          'predicate.function': name,
          'predicate.period': '1hour',
          tz,
        });
        expect(json).toMatchObject({ predicate: { function: name, period: 'PT1H' }, tz });
        const inside = points.filter(([time]) => time >= start && time < start + day);
        const offset = { UTC: 0, 'America/Chicago': -6, 'Asia/Kathmandu': 5.75, '+05:30': 5.5 }[tz]! * hour;
        const bucketOf = (time: number) => Math.floor((time + offset) / hour) * hour - offset;
        const buckets = [...new Set(inside.map(([time]) => bucketOf(time)))];
        const expected = buckets.map((bucket) => {
          const own = inside.filter(([time]) => bucketOf(time) === bucket);
          const extreme = name === 'max' ? Math.max(...own.map(([, v]) => v)) : Math.min(...own.map(([, v]) => v));
          const found = name === 'first' ? own[0]! : name === 'last' ? own.at(-1)! : own.find(([, v]) => v === extreme)!;
          return [bucket, bucket + hour, ...found];
        });
        type Found = { interval: { start: string; end: string }; found: Row };
        expect(
          json.data.map(({ interval, found }: Found) => [
            Date.parse(interval.start),
            Date.parse(interval.end),
            Date.parse(found.t),
            found.v,
          ]),
        ).toEqual(expected);
      }),
    );
  });

  test('in days of a zone with a shift of the clock has days of 23 and 25 hours', async () => {
    const service = await startService();
    const times = ['2012-03-11T12:00:00Z', '2012-11-04T12:00:00Z'];
    await fill(
      service,
      'k',
      times.map((time, i) => [Date.parse(time), i]),
    );
    const { json } = await get(service, 'series/key/k/find', {
      start: '2012-01-01',
      end: '2013-01-01',
      'predicate.function': 'last',
      'predicate.period': '1day',
      tz: 'America/Chicago',
    });
    expect(json.data.map(({ interval }: { interval: object }) => interval)).toEqual([
      { start: '2012-03-11T00:00:00.000-06:00', end: '2012-03-12T00:00:00.000-05:00' },
      { start: '2012-11-04T00:00:00.000-05:00', end: '2012-11-05T00:00:00.000-06:00' },
    ]);
  });
});
