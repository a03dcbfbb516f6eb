import { connect as connectToSqlite } from '@anyseries/sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clock, type Service, series, startService } from './server-fixture.ts';

const statuses = [200, 201, 204, 400, 401, 403, 404, 405, 413, 422];
const t0 = 1_440_700_000_000;

const names = [
  'a',
  'A',
  'mode',
  'time',
  'all',
  'device_id',
  'a/b',
  '..',
  'é',
  '%',
  '%ff',
  'x{device_id="d"}',
  'x\\{',
  '\0',
  'n'.repeat(1030),
  '',
  '__proto__',
];
const devices = ['d', 'D', 'all', 'anyseries', 'e:_-', 'a b', '', '\0'];
const paths = [
  ...[
    'ping',
    'tokens/user',
    'tokens/project',
    'users',
    'users/me',
    'users/email',
    'users/password',
    'users/1',
    'projects',
    'projects/7',
    'projects/7/permissions',
  ],
  ...[
    'devices',
    'devices/timestamp',
    'devices/d',
    'devices/%00',
    'imports',
    'exports',
    'exports/7',
    'exports/x',
    'exports/7/d',
    'namespaces',
    'namespaces/1',
    'namespaces/x',
  ],
  ...[
    'triggers',
    'triggers/1',
    'triggers/events/test',
    'apps',
    'apps/1',
    'files',
    'files/f',
    'files/%00',
    'data/input',
    'data/alerts',
    'data/nowhere',
    'nothing',
    '',
  ],
];
const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...paths).map((part) => `/v1/${part}`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...devices), fc.constantFrom(...names))
      .map(([device, name]) => `/v1/exports/7/${encodeURIComponent(device)}/${encodeURIComponent(name)}`),
  },
  { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => `/v1/data/input/${encodeURIComponent(name)}`) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'/v1exports7dat%25F.?&=#é') }).map((text) => `/${text}`) },
);

const times = ['0', String(t0), '-1', '8640000000000000', '1e5', 'x', '', '99999999999999999999'];
const durations = ['1m', '1ms', '1h30m', '9999999y', '0s', 'x', '90000000d'];
const parameters: Readonly<Record<string, readonly string[]>> = {
  limit: ['1', '5', '0', 'x', '99999999999'],
  from: times,
  to: times,
  time: [...times, `${t0},`, ',', `,${t0}`, '1,2,3', 'now()', 'now()-1h,now() 5m', 'now()-9999999y'],
  greater_than: ['1', '-1e400', 'x', ''],
  less_than: ['2.5', 'NaN'],
  equals: ['1', '0x10'],
  operator: ['sum', 'count', 'min', 'max', 'mean', 'median', ''],
  group_by: [...durations, 'time(1m)', 'time(1m),device_id', 'time(1ms),a', 'time(1m),time(1h)', 'mode', 'undefinedFIELD'],
  limit_periods: ['1', '0'],
  limit_by: ['device_id,1', 'a,2', 'mode,0', 'x'],
  where: ['eq(device_id,d)', 'ge(a,1)', 'lt(time,5)', 'eq(mode,"x,y")', 'eq(mode,)', 'xx(a,1)', '((('],
  timefmt: ['msec', 'TIMEVAL', 'usec', 'sec', 'ns'],
  output: ['json', 'csv', 'CSV', 'xml'],
  name: ['a', 'input', '\0', ''],
  search: ['a', ''],
  project_id: ['7', '8', 'x', '-1'],
  offset: ['0', '1', 'x'],
  count: ['0', '1', '99999999999999999999'],
  duration: durations,
  checksum: ['x', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  checksum_alg: ['SHA-256', 'MD5'],
  password: ['x'],
  reset: ['a', '\0'],
};
const parameter = fc
  .constantFrom(...Object.keys(parameters))
  .chain((name) => fc.constantFrom(...parameters[name]!).map((value) => [name, value]));
const query = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(parameter, { maxLength: 6 }).map((pairs) => (pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`)),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'%=&+limitfrom()now-2') }).map((text) => `?${text}`) },
);

const scalar = fc.oneof(
  fc.constantFrom<unknown>(...names, ...devices, null, true, false, 0, -0, 1e308, 1.5, 2 ** 53, t0, t0 + 0.5, 'usec', 7),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
);
const point = fc.record(
  { time: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>(t0) }, scalar), value: scalar },
  { requiredKeys: [] },
);
const source = fc.record({ name: scalar, data: fc.oneof(scalar, fc.array(point, { maxLength: 4 })) }, { requiredKeys: [] });
const rows = fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 4 })), { maxLength: 4 });
const tableOf = fc.record(
  { fields: fc.oneof(scalar, fc.array(fc.oneof(fc.constant<unknown>('time'), scalar), { maxLength: 4 })), data: rows, values: rows },
  { requiredKeys: [] },
);
const members = fc.record(
  {
    project_id: fc.oneof({ weight: 8, arbitrary: fc.constant<unknown>(7) }, scalar),
    device_id: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>('d') }, scalar),
    timefmt: scalar,
    sources: fc.oneof(scalar, fc.array(source, { maxLength: 3 }), tableOf),
    data: fc.oneof(scalar, tableOf),
    labels: fc.oneof(scalar, fc.dictionary(fc.constantFrom(...names), scalar)),
    namespace: fc.oneof(fc.constant<unknown>('alerts'), scalar),
    namespace_name: scalar,
    partitioning_field: scalar,
    fields: fc.oneof(scalar, fc.dictionary(fc.constantFrom(...names), fc.constantFrom<unknown>('LONG', 'STRING', 'x', 1))),
    device_name: scalar,
    device_type: scalar,
    refresh_token: scalar,
    trigger_name: scalar,
    fire_when: scalar,
    actions: fc.oneof(scalar, fc.array(fc.jsonValue(), { maxLength: 2 })),
    app_name: scalar,
    bundle: fc.jsonValue(),
    requested_status: scalar,
    user_id: scalar,
    read: scalar,
    email: scalar,
    invite: scalar,
    reset_key: scalar,
    verification_key: scalar,
    project_name: scalar,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  { weight: 8, arbitrary: members.map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: fc.jsonValue().map((json) => JSON.stringify(json)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{"project_id":7,"device_id":"d","sources":[{"name":"a","data":[{"time":1,"value":123456789012345678901234567890}]}]}',
      '{"project_id":7,"device_id":"d","sources":[{"name":"\\ud800","data":[{"time":1,"value":1}]}]}',
      `${'['.repeat(20_000)}`,
      '{"__proto__":{"project_id":7}}',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'[]{},:"\\1e.-time value') }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
);

/** Series of every kind, of this protocol and of others. */
async function begin(service: Service): Promise<Service> {
  await service.ask('POST', '/v1/imports', series('d', { a: [[t0, 1]], mode: [[t0, 'x']], 'a/b': [[t0, true]] }));
  await service.ask('POST', '/v1/namespaces', { project_id: 7, namespace_name: 'alerts', partitioning_field: 'room', fields: {} });
  await service.store.write([
    { series: 'all', time: t0, value: 1 },
    { series: 'A{device_id="e"}', time: t0 + 0.001, value: 2n ** 60n + 1n },
    { series: 'x{namespace="alerts",room="1"}', time: t0, value: -0 },
    { series: 'plain', time: -8.64e15, value: 1e308 },
    { series: 'plain', time: 8.64e15, value: 1e308 },
  ]);
  return service;
}

test.each(['memory', 'sqlite'])('every request has an answer of the protocol, over %s', { timeout: 600_000 }, async (kind) => {
  const service = await begin(await startService(kind === 'sqlite' ? { store: connectToSqlite({ path: ':memory:', clock }) } : {}));
  const reader = await service.tokenFor('read');
  const token = fc.oneof(
    { weight: 8, arbitrary: fc.constant<string | null | undefined>(undefined) },
    fc.constantFrom(null, reader, 'x', 'a.b.c', 'Basic YTpi'),
  );
  const method = fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
  await fc.assert(
    fc.asyncProperty(method, path, query, body, token, async (how, where, asked, sent, who) => {
      const answer = await service.ask(how, `${where}${asked}`, how === 'GET' ? undefined : sent, who);
      expect(statuses).toContain(answer.status);
      if (answer.status >= 400)
        expect(answer.json.errors[0]).toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/./) });
      else if (answer.type === 'application/json') expect(answer.json).toBeDefined();
      else if (answer.text !== '') expect(answer.type).toBe('text/plain; charset=utf-8');
    }),
    { numRuns: 1500 * Number(process.env.ANYSERIES_RUNS ?? 1) },
  );
  await service.store.close();
});
