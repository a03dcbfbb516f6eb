import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Backwards, type BackwardsRequest, readBackwards } from '../src/provider/read-backwards.ts';

/** A series of points at these times, in order, as the service lets it be read; counts what is asked. */
function seriesOf(times: readonly number[], serverRows = Number.POSITIVE_INFINITY) {
  const asked = { requests: 0, mostRows: 0 };
  const series: Backwards = {
    async newestBefore(time) {
      asked.requests++;
      const t = times.findLast((each) => each < time);
      return t === undefined ? undefined : { t, v: t };
    },
    async window(start, end, rows) {
      asked.requests++;
      const within = times.filter((time) => time >= start && time < end);
      const points = within.slice(0, Math.min(rows, serverRows)).map((t) => ({ t, v: t }));
      asked.mostRows = Math.max(asked.mostRows, points.length);
      return { points, isWhole: points.length === within.length };
    },
  };
  return { series, asked };
}

async function timesOf(series: Backwards, request: BackwardsRequest): Promise<number[]> {
  const times: number[] = [];
  for await (const points of readBackwards(series, request)) times.push(...points.map(({ t }) => t));
  return times;
}

/** Clusters of any density with gaps of any length between them. */
const clusters = fc.array(
  fc.record({
    gap: fc.oneof(fc.nat(50), fc.nat(1e6), fc.nat(1e11)),
    step: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1e7 })),
    count: fc.nat(300),
  }),
  { maxLength: 6 },
);
const bound = fc.double({ min: 0, max: 1, noNaN: true });

test('points come latest first, each once, as far as the range and the limit go, in bounded pages and few requests', async () => {
  await fc.assert(
    fc.asyncProperty(
      clusters,
      bound,
      bound,
      fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 400 })),
      fc.integer({ min: 1, max: 500 }),
      async (parts, a, b, limit, serverRows) => {
        const times: number[] = [];
        let time = -1e6;
        for (const { gap, step, count } of parts) {
          time += gap;
          for (let i = 0; i < count; i++) {
            time += step;
            times.push(time);
          }
        }
        const span = (times.at(-1) ?? 0) - (times[0] ?? 0) + 10;
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((part) => Math.floor((times[0] ?? 0) - 5 + part * span));
        const request = { start: low!, end: high!, limit, pageRows: 200 };
        const { series, asked } = seriesOf(times, serverRows);
        const expected = times.filter((each) => each >= low! && each < high!).reverse();
        expect(await timesOf(series, request)).toEqual(expected.slice(0, limit));
        expect(asked.mostRows).toBeLessThanOrEqual(200);
        expect(asked.requests).toBeLessThan(60 + 60 * parts.length + (8 * expected.length) / Math.min(serverRows, 200));
      },
    ),
  );
});

test('one point costs one request, and a million seconds in a row cost little more than their pages', async () => {
  const times = Array.from({ length: 100_000 }, (_, i) => i * 1000);
  const one = seriesOf(times);
  expect(await timesOf(one.series, { start: 0, end: 1e12, limit: 1, pageRows: 5000 })).toEqual([99_999_000]);
  expect(one.asked.requests).toBe(1);
  const none = seriesOf(times);
  expect(await timesOf(none.series, { start: 1e11, end: 1e12, limit: 1, pageRows: 5000 })).toEqual([]);
  expect(none.asked.requests).toBe(1);
  const all = seriesOf(times);
  expect(await timesOf(all.series, { start: 0, end: 1e12, limit: Number.POSITIVE_INFINITY, pageRows: 5000 })).toEqual(times.toReversed());
  expect(all.asked.requests).toBeLessThan(35);
});

test('a series that claims to hold several points in a millisecond is no endless loop', async () => {
  const series: Backwards = {
    newestBefore: async () => ({ t: 0, v: 1 }),
    window: async () => ({ points: [{ t: 0, v: 1 }], isWhole: false }),
  };
  await expect(timesOf(series, { start: -1000, end: 1000, limit: 5, pageRows: 100 })).rejects.toMatchObject({ code: 'protocol' });
});
