import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, askAll, iso, type Service, search, startService } from './server-fixture.ts';

const start = Date.parse('2012-03-10T00:00:00Z');
const end = Date.parse('2012-03-13T00:00:00Z');
const minute = 60_000;

/** A link that every client of section 4.14 can follow. */
const link = /^<\/v1\/[\w/]+\/\?cursor=[\w-]+>; rel="next"$/;

/** Three series over a shift of the clock in Chicago, some points within one millisecond, some that cannot be shown. */
async function begin(): Promise<Service> {
  const service = await startService({ settings: { metadataFromKeys: false } });
  const values = [1, 2.5, 'text', true, 9_007_199_254_740_993n, -4];
  for (const [i, key] of ['rack 1/é', 'b+c', 'a&b="c,;d"'].entries()) {
    await service.store.putSeries({ key, tags: ['t'] });
    const points = Array.from({ length: 60 }, (_, n) => {
      const time = start - 3 * minute * 60 + n * (67 + i * 13) * minute + (n % 4 === 0 ? 0.5 : 0);
      return { series: key, time, value: values[(n + i) % values.length]! };
    });
    const crowded = [0.2, 0.4, 0.9, 1].map((ms) => ({ series: key, time: start + 1000 * minute + ms, value: ms }));
    await service.store.write([...points, ...crowded]);
  }
  return service;
}

const range = { start: iso(start), end: iso(end) };
const one = `series/key/${encodeURIComponent('rack 1/é')}`;

/** Every paged resource of rows, and what holds its rows. */
const resources: readonly (readonly [name: string, path: string, parameters: Parameters<typeof search>[0]])[] = [
  ['segment', `${one}/segment`, {}],
  ['segment in a zone', `${one}/segment`, { tz: 'America/Chicago' }],
  [
    'segment, rolled up by hours that a shift of the clock cuts',
    `${one}/segment`,
    { 'rollup.period': '5hour', 'rollup.fold': 'count', tz: 'America/Chicago' },
  ],
  ['segment, rolled up by days', `${one}/segment`, { 'rollup.period': 'P1D', 'rollup.fold': 'percentile,40', tz: 'America/Chicago' }],
  ['segment, folded whole', `${one}/segment`, { 'rollup.fold': 'sum' }],
  ['segment, linear', `${one}/segment`, { 'interpolation.period': 'PT31M', 'interpolation.function': 'linear' }],
  ['segment, held', `${one}/segment`, { 'interpolation.period': 'PT31M', 'interpolation.function': 'zoh' }],
  [
    'segment, held and rolled up',
    `${one}/segment`,
    {
      'interpolation.period': '7min',
      'interpolation.function': 'zoh',
      'rollup.period': 'PT3H',
      'rollup.fold': 'mean',
      tz: 'Asia/Kathmandu',
    },
  ],
  [
    'rollups',
    `${one}/data/rollups/segment`,
    { 'rollup.period': 'PT4H', 'rollup.fold': ['max', 'count', 'percentile,20'], tz: 'America/Chicago' },
  ],
  ['find', `${one}/find`, { 'predicate.function': 'max', 'predicate.period': '5hour', tz: 'America/Chicago' }],
  ['multi', 'multi', { tag: 't' }],
  ['multi of some', 'multi', { key: ['rack 1/é', 'a&b="c,;d"'], tz: '+05:30' }],
  ['multi, rolled up', 'multi', { tag: 't', 'rollup.period': '1hour', 'rollup.fold': 'sum' }],
  ['multi, linear', 'multi', { tag: 't', 'interpolation.period': 'PT1H', 'interpolation.function': 'linear' }],
  ['aggregate', 'segment', { 'aggregation.fold': 'sum' }],
  ['aggregate, rolled up', 'segment', { 'aggregation.fold': 'max', 'rollup.period': 'PT2H', 'rollup.fold': 'mean', tz: 'America/Chicago' }],
  [
    'aggregate, held and rolled up',
    'segment',
    {
      'aggregation.fold': 'mean',
      'interpolation.period': '11min',
      'interpolation.function': 'zoh',
      'rollup.period': '6hour',
      'rollup.fold': 'max',
    },
  ],
];

function rest({ json }: Answer): object {
  const { data: _, ...others } = json;
  return others;
}

describe('the pages of', () => {
  test.each(resources)('%s give the rows of the whole, whatever their size', async (_, path, parameters) => {
    const service = await begin();
    const whole = await service.ask('GET', `/v1/${path}/?${search({ ...range, ...parameters })}`);
    expect(whole.status, whole.text).toBe(200);
    expect(whole.json.data.length).toBeGreaterThan(0);
    expect(whole.next).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), async (limit) => {
        const pages = await askAll(service, `/v1/${path}/?${search({ ...range, ...parameters, limit })}`);
        expect(pages.flatMap(({ json }) => json.data)).toEqual(whole.json.data);
        for (const [i, page] of pages.entries()) {
          const isLast = i === pages.length - 1;
          expect(page.json.data.length).toBe(isLast ? whole.json.data.length - i * limit : limit);
          expect(rest(page)).toEqual(rest(whole));
          expect(page.headers.get('truncated')).toBe(isLast ? null : 'true');
          if (!isLast) expect(page.headers.get('link')).toMatch(link);
        }
      }),
      { numRuns: 12 },
    );
  });

  test('a range that is wherever, at any period, in any zone, give the buckets of the whole', { timeout: 60_000 }, async () => {
    const service = await begin();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 4000 }),
        fc.integer({ min: 0, max: 4000 }),
        fc.constantFrom('PT37M', '5hour', '7hour', 'PT26H', '1day', '2day', '1week', '1month'),
        fc.constantFrom('UTC', 'America/Chicago', 'Australia/Lord_Howe', 'Europe/London'),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('segment', 'find'),
        async (from, length, period, tz, limit, resource) => {
          const bounds = { start: iso(start + (from - 2000) * minute), end: iso(start + (from - 2000 + length) * minute), tz };
          const parameters =
            resource === 'find'
              ? { 'predicate.function': 'last', 'predicate.period': period }
              : { 'rollup.period': period, 'rollup.fold': 'count' };
          const whole = await service.ask('GET', `/v1/${one}/${resource}/?${search({ ...bounds, ...parameters })}`);
          const pages = await askAll(service, `/v1/${one}/${resource}/?${search({ ...bounds, ...parameters, limit })}`);
          expect(pages.flatMap(({ json }) => json.data)).toEqual(whole.json.data);
        },
      ),
    );
  });

  test('series give the list of the whole, with the filter inside of the link', async () => {
    const service = await startService();
    for (let i = 0; i < 25; i++)
      await service.ask('POST', '/v1/series/', { key: `${[...'é𐀀￿b,;'][i % 6]}${i} /`, tags: [i % 2 === 0 ? 'even&' : 'odd'] });
    for (const filter of [{}, { tag: 'even&' }, { tag: 'odd', 'attr[x]': '' }]) {
      for (const path of ['series', 'single']) {
        const whole = await service.ask('GET', `/v1/${path}/?${search(filter)}`);
        for (const limit of [1, 2, 5, 12, 13, 24, 25, 26]) {
          const pages = await askAll(service, `/v1/${path}/?${search({ ...filter, limit })}`);
          expect(pages.flatMap(({ json }) => json)).toEqual(whole.json);
          expect(pages).toHaveLength(Math.ceil(whole.json.length / limit));
          for (const page of pages.slice(0, -1)) expect(page.headers.get('link')).toMatch(link);
        }
      }
    }
  });

  test('single values are all about one time, also where it was left out', async () => {
    const service = await begin();
    const [first] = await askAll(service, '/v1/single/?direction=before&limit=1');
    expect(first!.next).toBeDefined();
    const content = JSON.parse(Buffer.from(first!.next!.split('cursor=')[1]!, 'base64url').toString());
    expect(content[0]).toContain('ts=2013-09-17T12:00:00.000Z');
  });
});

describe('a page', () => {
  test('has 5,000 rows unless told otherwise, 10,000 at most, and no link where exactly nothing follows', async () => {
    const service = await startService();
    await service.store.write(Array.from({ length: 10_001 }, (_, i) => ({ series: 'k', time: start + i, value: i })));
    const rows = async (length: number, limit?: string) => {
      const answer = await service.ask(
        'GET',
        `/v1/series/key/k/segment/?${search({ start: iso(start), end: iso(start + length), limit })}`,
      );
      return [answer.json.data.length, answer.next !== undefined];
    };
    expect(await rows(5000)).toEqual([5000, false]);
    expect(await rows(5001)).toEqual([5000, true]);
    expect(await rows(10_000, '10000')).toEqual([10_000, false]);
    expect(await rows(10_001, '10001')).toEqual([10_000, true]);
    expect(await rows(10_001, '99999999999999999999')).toEqual([10_000, true]);
    expect(await rows(7, '7')).toEqual([7, false]);
    expect(await rows(8, '007')).toEqual([7, true]);
  });

  test('of a long series does not read the rest of it', async () => {
    const service = await startService();
    await service.store.write(Array.from({ length: 60_000 }, (_, i) => ({ series: 'k', time: start + i * 1000, value: i })));
    let read = 0;
    const counting = {
      ...service.store,
      read: (query: Parameters<typeof service.store.read>[0]) => {
        const stream = service.store.read(query);
        async function* pages() {
          for await (const page of stream.pages()) {
            read += page.length;
            yield page;
          }
        }
        return { ...stream, pages };
      },
    };
    const watched = await startService({ store: counting });
    const most = async (path: string, parameters: Parameters<typeof search>[0]) => {
      read = 0;
      const { status, text } = await watched.ask(
        'GET',
        `/v1/${path}/?${search({ start: iso(start), end: iso(start + 60_000_000), ...parameters })}`,
      );
      expect(status, text).toBe(200);
      return read;
    };
    expect(await most('series/key/k/segment', { limit: 10 })).toBe(12);
    expect(await most('series/key/k/single', { direction: 'before', ts: iso(start + 30_000_500) })).toBeLessThanOrEqual(2);
    expect(await most('series/key/k/single', { direction: 'nearest', ts: iso(start + 30_000_500) })).toBeLessThanOrEqual(5);
    const grid = { 'interpolation.period': 'PT1S', 'interpolation.function': 'linear' };
    expect(await most('series/key/k/segment', { limit: 10, ...grid })).toBeLessThanOrEqual(40);
    expect(await most('series/key/k/segment', { limit: 2, 'rollup.period': '1min' })).toBeLessThanOrEqual(20_000);
    expect(await most('multi', { limit: 2 })).toBeLessThanOrEqual(20_000);
  });
});
