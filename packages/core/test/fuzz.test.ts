import { connect } from '@anyseries/memory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { path } from '../src/http.ts';
import { copy, isAnySeriesError, mirror, parseSeriesKey, type Store, seriesKey, toTime } from '../src/index.ts';

const numRuns = 200 * Number(process.env.ANYSERIES_RUNS ?? 1);

/** Anything that a JavaScript program may pass, by accident or malice. */
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    2 ** 60,
    '',
    '\0',
    '\ud800',
    'a'.repeat(1025),
    Symbol('x'),
    () => {},
    new Date(Number.NaN),
    Number.MAX_VALUE,
    10n ** 30n,
  ),
);

/** Calls with bad input and demands an AnySeriesError, or an ordinary answer where the input happens to be good. */
async function survives(call: () => unknown): Promise<void> {
  try {
    const answer = call();
    if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
      for await (const _ of answer as AsyncIterable<unknown>) break;
    else await answer;
  } catch (error) {
    if (!isAnySeriesError(error)) throw error;
    expect(error.message).toMatch(/^[a-zA-Z]/);
    expect(error.message.length).toBeLessThan(2000);
  }
}

const entries: Readonly<Record<string, (store: Store, ...input: never[]) => unknown>> = {
  write: (store, points: never, options: never) => store.write(points, options),
  increment: (store, points: never, options: never) => store.increment(points, options),
  ref: (store, key: never) => store.ref(key),
  delete: (store, request: never, options: never) => store.delete(request, options),
  putSeries: (store, series: never, options: never) => store.putSeries(series, options),
  read: (store, query: never) => store.read(query),
  series: (store, filter: never, options: never) => store.series(filter, options),
  latest: (store, series: never, options: never) => store.latest(series, options),
  check: (store, options: never) => store.check(options),
  'records.get': (store, collection: never, id: never, options: never) => store.records.get(collection, id, options),
  'records.put': (store, collection: never, id: never, value: never, options: never) => store.records.put(collection, id, value, options),
  'records.delete': (store, collection: never, id: never, options: never) => store.records.delete(collection, id, options),
  'records.list': (store, collection: never, options: never) => store.records.list(collection, options),
  transaction: (store, work: never, options: never) => store.transaction(work, options),
  'transaction.write': (store, points: never) => store.transaction((tx) => tx.write(points)),
  'transaction.delete': (store, request: never) => store.transaction((tx) => tx.delete(request)),
  'transaction.putSeries': (store, series: never) => store.transaction((tx) => tx.putSeries(series)),
  'transaction.records.put': (store, ...input) => store.transaction((tx) => tx.records.put(...(input as unknown as ['c', 'i', 1]))),
  copy: (store, options: never) => copy(store, connect(), options),
  'copy from anything': (store, source: never) => copy(source, store),
  mirror: (store, secondary: never, options: never) => mirror(store, secondary, options),
  connect: (_store, settings: never) => connect(settings),
  seriesKey: (_store, parts: never) => seriesKey(parts),
  parseSeriesKey: (_store, key: never) => parseSeriesKey(key),
  toTime: (_store, time: never) => toTime(time),
  path: (_store, part: never) => path`/a/${part}/b`,
};

test.each(Object.keys(entries))('%s answers bad input of every kind with an AnySeriesError', (name) =>
  fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 4 }), async (input) => {
      await survives(() => entries[name]!(connect(), ...(input as never[])));
    }),
    { numRuns },
  ),
);

const badQueries: [field: RegExp, query: object][] = [
  [/^query/, 5 as never],
  [/^series/, {}],
  [/^series\[1\]/, { series: ['a', ''] }],
  [/^series\.keys/, { series: { keys: 'a' } }],
  [/^series\.label/, { series: { label: {} } }],
  [/^series\.labels\.a/, { series: { labels: { a: 1 } } }],
  [/^series\.tags\[0\]/, { series: { tags: [1] } }],
  [/^start/, { series: 'a', start: 'yesterday' }],
  [/^end/, { series: 'a', start: 2, end: 1 }],
  [/^limit/, { series: 'a', limit: 1.5 }],
  [/^order/, { series: 'a', order: 'asc' }],
  [/^merge/, { series: 'a', merge: 'yes' }],
  [/^query\.step/, { series: 'a', step: 1 }],
  [/^rollup\.every/, { series: 'a', rollup: { every: '1m', fn: 'mean' } }],
  [/^rollup\.fn/, { series: 'a', rollup: { every: '1h', fn: 'percentile(101)' } }],
  [/^rollup\.timeZone/, { series: 'a', rollup: { every: '1h', fn: 'mean', timeZone: 'Mars/Olympus' } }],
  [/^signal/, { series: 'a', signal: 'stop' }],
];

test.each(badQueries)('a query that is wrong in %s is refused by that name', (field, query) => {
  expect(() => connect().read(query as never)).toThrow(field);
});

test('among any points, the bad ones are rejected by index and field, and no neighbour is lost', () => {
  const good = fc.record({ series: fc.constantFrom('a', 'b'), time: fc.integer({ min: 0, max: 1e6 }), value: fc.integer() });
  const bad = fc.oneof(
    fc
      .record({ series: fc.constantFrom<unknown>('', 5, null, '\0', 'x'.repeat(1025)), time: fc.integer(), value: fc.integer() })
      .map((point) => ({ point, field: 'series' })),
    fc
      .record({
        series: fc.constant('a'),
        time: fc.constantFrom<unknown>(Number.NaN, 'now', 9e15, {}, null, new Date('x')),
        value: fc.integer(),
      })
      .map((point) => ({ point, field: 'time' })),
    fc
      .record({
        series: fc.constant('a'),
        time: fc.integer(),
        value: fc.constantFrom<unknown>(Number.NaN, undefined, null, {}, '\ud800', 10n ** 40n + 1n),
      })
      .map((point) => ({ point, field: 'value' })),
    fc.constantFrom<unknown>(null, 5, 'point').map((point) => ({ point, field: '' })),
  );
  return fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          good.map((point) => ({ point, field: undefined })),
          bad,
        ),
        { maxLength: 40 },
      ),
      async (items) => {
        const store = connect();
        const { stored, rejected } = await store.write(items.map(({ point }) => point) as never);
        const expected = items.flatMap(({ field }, index) => (field === undefined ? [] : [{ index, field }]));
        expect(rejected.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
        for (const [i, { index, field }] of expected.entries()) {
          expect(rejected[i]!.code).toBe('invalid');
          expect(rejected[i]!.message.startsWith(`points[${index}]${field === '' ? '' : `.${field}`}: `)).toBe(true);
        }
        expect(stored).toBe(items.length - expected.length);
        const read = await store.read({ series: ['a', 'b'] }).toArray();
        const last = new Map(
          items
            .filter(({ field }) => field === undefined)
            .map(({ point }) => [
              `${(point as { series: string }).series} ${(point as { time: number }).time}`,
              (point as { value: number }).value,
            ]),
        );
        expect(new Map(read.map(({ series, time, value }) => [`${series} ${time}`, value]))).toEqual(last);
      },
    ),
    { numRuns },
  );
});
