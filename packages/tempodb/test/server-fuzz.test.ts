import { connect as connectToSqlite } from '@anyseries/sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clock, type Service, startService } from './server-fixture.ts';

const statuses = [200, 207, 400, 403, 404, 409, 422];

const names = ['k', 'a b', 'a/b', 'é', '%', '..', 'data', 'k.x:1.y', 'K'.repeat(1025), '%00', '%ff', '+', '?', '', 'f'.repeat(32)];
const suffixes = [
  '',
  'data',
  'increment',
  'segment',
  'data/segment',
  'data/rollups/segment',
  'find',
  'single',
  'summary',
  'data/summary',
  'x',
];
const lists = ['series', 'data', 'increment', 'multi', 'multi/increment', 'segment', 'data/segment', 'single', 'database', '', 'x'];

const path = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('key', 'id'), fc.constantFrom(...names), fc.constantFrom(...suffixes))
      .map((parts) => `/v1/series/${parts.join('/')}`),
  },
  { weight: 4, arbitrary: fc.constantFrom(...lists).map((list) => `/v1/${list}/`) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'/v1serikydata%25F.?&=#é') }).map((text) => `/${text}`) },
);

const times = [
  '2012-01-01',
  '2012-01-02',
  '2012-01-01T00:00:00.5Z',
  '9999-12-31T23:59:59.999Z',
  '0001-01-01',
  'x',
  '',
  '2012-01-01T00:00:00 01:00',
];
const periods = ['1hour', 'P1D', 'PT1S', '1month', 'PT0.001S', '9999year', 'raw', 'x', 'PT1H30M', '1week'];
const foldNames = ['mean', 'avg', 'sum', 'mult', 'percentile,50', 'percentile,200', 'max', 'x', 'count', 'first'];
const parameters: Readonly<Record<string, readonly string[]>> = {
  start: times,
  end: times,
  ts: times,
  limit: ['1', '2', '5000', '0', 'x', '1e3'],
  tz: ['UTC', 'America/Chicago', 'x', '+05:30', ' 05:30', 'Africa/Monrovia', 'utc', 'Etc/GMT+12'],
  interval: periods,
  function: foldNames,
  'rollup.period': periods,
  'rollup.fold': foldNames,
  'interpolation.period': periods,
  'interpolation.function': ['linear', 'zoh', 'x'],
  'aggregation.fold': foldNames,
  'predicate.period': periods,
  'predicate.function': ['max', 'min', 'first', 'last', 'mean'],
  direction: ['exact', 'before', 'after', 'nearest', 'up'],
  key: names,
  id: names,
  tag: ['k', 'x', '\0', ''],
  'attr[x]': ['1', '2', ''],
  'attr[__proto__]': ['1'],
  allow_truncation: ['true', 'false', 'x'],
  cursor: [
    'x',
    btoa('["start=2012-01-01&end=2012-01-02",1325376000000]'),
    btoa('["",""]'),
    btoa('["start=2012-01-01&end=2012-01-02",-9007199254740991]'),
  ],
};
const parameter = fc
  .constantFrom(...Object.keys(parameters))
  .chain((name) => fc.constantFrom(...parameters[name]!).map((value) => [name, value]));
const query = fc.oneof(
  { weight: 8, arbitrary: fc.array(parameter, { maxLength: 8 }).map((pairs) => `?${new URLSearchParams(pairs)}`) },
  {
    weight: 8,
    arbitrary: fc.array(parameter, { maxLength: 6 }).map((pairs) => `?start=2012-01-01&end=2012-01-03&${new URLSearchParams(pairs)}`),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'%=&+startend[]attr2012-') }).map((text) => `?${text}`) },
);

const scalar = fc.oneof(
  fc.constantFrom(...times, ...names, null, true, 0, -0, 1e308, 1.5, 2 ** 53),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
);
const element = fc.record({ t: scalar, v: scalar, key: scalar, id: scalar, extra: fc.jsonValue() }, { requiredKeys: [] });
const metadata = fc.record(
  { key: scalar, name: scalar, tags: fc.oneof(scalar, fc.array(scalar)), attributes: fc.oneof(scalar, fc.dictionary(fc.string(), scalar)) },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.constant(''),
  fc.array(element, { maxLength: 5 }).map((elements) => JSON.stringify(elements)),
  fc.record({ t: scalar, data: fc.array(element, { maxLength: 5 }) }, { requiredKeys: [] }).map((bulk) => JSON.stringify(bulk)),
  metadata.map((series) => JSON.stringify(series)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '[{"t":"2012-01-01","v":1e999,"key":"k"}]',
    '[{"v":123456789012345678901234567890,"key":"k"}]',
    '[{"key":"\\ud800","v":1}]',
    '{"__proto__":{"key":"k"}}',
  ),
  fc.string({ unit: fc.constantFrom(...'[]{},:"\\1e.-tv key') }),
  fc.uint8Array({ maxLength: 20 }),
);

/** Series of every kind, of this protocol and of others. */
async function begin(service: Service): Promise<Service> {
  await service.ask('POST', '/v1/multi/', [
    { key: 'k', t: '2012-01-01', v: 1 },
    { key: 'a b', t: '2012-01-01T05:00', v: 1e308 },
    { key: 'a b', t: '2012-01-01T05:01', v: 1e308 },
    { key: 'k.x:1.y', t: '2012-01-01T06:00', v: 2 ** 53 },
  ]);
  const start = Date.parse('2012-01-01');
  const values = ['text', true, 2.5, -(2n ** 63n), 1e-300, ''];
  await service.store.write(
    Array.from({ length: 40 }, (_, i) => ({ series: i % 2 === 0 ? 'é' : 'a/b', time: start + i * 500_000.25, value: values[i % 6]! })),
  );
  await service.store.write([8.64e15, -8.64e15].map((time) => ({ series: 'é', time, value: 1 })));
  return service;
}

const stores = { memory: undefined, sqlite: () => connectToSqlite({ path: ':memory:', clock }) };

describe.each(Object.entries(stores))('any request over %s', (_, connect) => {
  test('has an answer of the protocol, well formed, and nothing throws', { timeout: 120_000 }, async () => {
    const store = connect?.();
    const service = await begin(await startService(store === undefined ? {} : { store }));
    const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH');
    await fc.assert(
      fc.asyncProperty(method, path, query, body, async (verb, target, parametersText, given) => {
        const hasBody = verb !== 'GET' && verb !== 'HEAD';
        const answer = await service.ask(verb, target + parametersText, hasBody ? given : undefined);
        expect(statuses).toContain(answer.status);
        if (answer.text === '') expect([answer.type, answer.headers.get('content-length')]).toEqual([null, '0']);
        else expect(answer.type).toBe(answer.status === 200 || answer.status === 207 ? 'application/json' : 'text/plain');
        if (answer.next !== undefined) expect([200, 400]).toContain((await service.ask('GET', answer.next)).status);
      }),
      { numRuns: 1500 },
    );
    await store?.close();
  });
});
