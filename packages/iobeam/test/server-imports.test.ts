import { connect } from '@anyseries/memory';
import { beforeEach, describe, expect, test } from 'vitest';
import { projectId, type Service, series, startService, table } from './server-fixture.ts';

const t0 = 1_440_700_000_000;

let service: Service;
beforeEach(async () => {
  service = await startService();
});

const send = (body: unknown) => service.ask('POST', '/v1/imports', body);

/** What is stored, as `key@time=value`. */
async function stored(): Promise<string[]> {
  const points = await service.store.read({ series: {} }).toArray();
  return points.map(({ series: key, time, value }) => `${key}@${time - t0}=${JSON.stringify(value)}`);
}

describe('what is stored', () => {
  test('of a series form: values of every type, under NAME{device_id="D"}', async () => {
    const answer = await send(series('d', { n: [[t0, 1.5]], s: [[t0, '']], b: [[t0 + 1, false]], i: [[t0, 2 ** 53]] }));
    expect([answer.status, answer.text, answer.type, answer.headers.get('content-length')]).toEqual([200, '', null, '0']);
    expect(await stored()).toEqual([
      'b{device_id="d"}@1=false',
      'i{device_id="d"}@0=9007199254740992',
      'n{device_id="d"}@0=1.5',
      's{device_id="d"}@0=""',
    ]);
  });

  test('a 64-bit integer to its last digit', async () => {
    await send(`{"project_id":7,"device_id":"d","sources":[{"name":"i","data":[{"time":${t0},"value":9223372036854775807}]}]}`);
    expect((await service.store.latest('i{device_id="d"}'))?.value).toBe(2n ** 63n - 1n);
  });

  test('of a table: null is no value and erases none, and the time may be any column', async () => {
    await send(table('d', ['a', 'TIME', 'b'], [1, t0, 'x'], [null, t0 + 1, null], [2, t0 + 2, null]));
    await send(table('d', ['time', 'a'], [t0, null]));
    expect(await stored()).toEqual(['a{device_id="d"}@0=1', 'a{device_id="d"}@2=2', 'b{device_id="d"}@0="x"']);
  });

  test('what comes later replaces what was there, also within one request', async () => {
    await send(
      series('d', {
        a: [
          [t0, 1],
          [t0, 2],
        ],
      }),
    );
    await send({
      project_id: 7,
      device_id: 'd',
      sources: [
        { name: 'a', data: [] },
        { name: 'A', data: [{ time: t0 + 1, value: 3 }] },
        { name: 'a', data: [{ time: t0 + 1, value: 4 }] },
      ],
    });
    expect(await stored()).toEqual(['a{device_id="d"}@0=2', 'a{device_id="d"}@1=4']);
  });

  test.each([
    ['sec', 1_440_700_000, 0],
    ['usec', 1_440_700_000_000_750, 0.75],
    ['MSEC', t0 + 5, 5],
    [null, t0 - 5e12, -5e12],
  ])('times in %s', async (timefmt, time, expected) => {
    expect((await send({ ...series('d', { a: [[time, 1]] }), timefmt })).status).toBe(200);
    expect(await stored()).toEqual([`a{device_id="d"}@${expected}=1`]);
  });

  test('of the two forms of namespaces: labels are columns, and a row may tell its device', async () => {
    await send({ project_id: 7, data: { fields: ['time', 'level'], data: [[t0, 1]] }, device_id: 'd', namespace: 'alerts' });
    const labels = { device_id: 'e', note: 'x' };
    await send({
      project_id: 7,
      data: {
        fields: ['time', 'level', 'device_id'],
        values: [
          [t0, 2, 'f'],
          [t0 + 1, 3, null],
        ],
      },
      labels,
      namespace: 'input',
    });
    expect(await stored()).toEqual([
      'level{device_id="d",namespace="alerts"}@0=1',
      'level{device_id="e"}@1=3',
      'level{device_id="f"}@0=2',
      'note{device_id="e"}@1="x"',
      'note{device_id="f"}@0="x"',
    ]);
  });

  test('of a namespace that something else partitions', async () => {
    await service.ask('POST', '/v1/namespaces', { project_id: 7, namespace_name: 'alerts', partitioning_field: 'room', fields: {} });
    await send({
      project_id: 7,
      data: { fields: ['time', 'room', 'level', 'device_id'], values: [[t0, 'kitchen', 1, 'd']] },
      namespace: 'alerts',
    });
    expect(await stored()).toEqual(['device_id{namespace="alerts",room="kitchen"}@0="d"', 'level{namespace="alerts",room="kitchen"}@0=1']);
    expect((await service.ask('GET', '/v1/exports/7')).json.result).toEqual([]);
    expect((await service.ask('GET', '/v1/data/alerts')).json.result[0]).toEqual({
      fields: ['time', 'room', 'device_id', 'level'],
      values: [[t0, 'kitchen', 'd', 1]],
    });
    const lacking = await send({ project_id: 7, data: { fields: ['time', 'level'], values: [[t0, 1]] }, namespace: 'alerts' });
    expect([lacking.status, lacking.fault]).toEqual([400, '21 Missing value for room']);
  });

  test('a name keeps its first spelling, in the whole project', async () => {
    await send(series('d', { Temperature: [[t0, 1]] }));
    await send(series('e', { TEMPERATURE: [[t0, 2]] }));
    expect(await stored()).toEqual(['Temperature{device_id="d"}@0=1', 'Temperature{device_id="e"}@0=2']);
  });

  test('a device that nobody has registered is there afterwards', async () => {
    await send(series(' d ', { a: [[t0, 1]] }));
    expect((await service.ask('GET', '/v1/devices/d')).json).toMatchObject({ device_id: 'd', device_name: 'd' });
    expect((await service.ask('POST', '/v1/devices', { project_id: 7, device_id: 'd' })).fault).toBe('150 Device ID already in use');
  });

  test.each([
    [{ sources: [] }],
    [{ sources: [{ name: 'a', data: [] }] }],
    [{ sources: { fields: ['time', 'a'], data: [] } }],
    [{ sources: { fields: ['time'], data: [[t0]] } }],
  ])('nothing, of %o', async (body) => {
    expect((await send({ project_id: 7, device_id: 'd', ...body })).status).toBe(200);
    expect(await stored()).toEqual([]);
  });
});

describe('what is refused, as a whole', () => {
  test.each([
    ['no JSON', '{"a":', 400, '20 Request body is not valid JSON'],
    ['nothing', '', 400, '20 Request body is not valid JSON'],
    ['a list', '[]', 400, '20 Request body is not valid JSON'],
    [
      'NaN',
      '{"project_id":7,"device_id":"d","sources":[{"name":"a","data":[{"time":1,"value":NaN}]}]}',
      400,
      '20 Request body is not valid JSON',
    ],
    ['half a character', Uint8Array.from([0x7b, 0xff, 0x7d]), 400, '20 Request body is not valid JSON'],
    ['no project', { device_id: 'd', sources: [] }, 400, '21 project_id is required'],
    ['a project that is none', { project_id: 'seven', device_id: 'd', sources: [] }, 400, '21 Invalid project_id'],
    ['another project', { project_id: 8, device_id: 'd', sources: [] }, 403, '11 Token does not belong to this project'],
    ['no device', { project_id: 7, sources: [] }, 400, '21 device_id is required'],
    ['a device that is none', { project_id: 7, device_id: 'a b', sources: [] }, 400, '21 Invalid device_id'],
    ['neither form', { project_id: 7, device_id: 'd' }, 400, '21 sources is required'],
    ['an unknown unit', { ...series('d', {}), timefmt: 'timeval' }, 400, '21 Invalid timefmt'],
    ['a fraction of a time', series('d', { a: [[t0 + 0.5, 1]] }), 400, '21 Invalid time'],
    ['a text as a time', series('d', { a: [[`${t0}` as never, 1]] }), 400, '21 Invalid time'],
    ['a time too far', series('d', { a: [[1e16, 1]] }), 400, '21 Invalid time'],
    ['an object as a value', series('d', { a: [[t0, { x: 1 }]] }), 400, '21 Invalid data point'],
    [
      'a value that is too large',
      '{"project_id":7,"device_id":"d","sources":[{"name":"a","data":[{"time":1,"value":1e999}]}]}',
      400,
      '21 Invalid data point',
    ],
    [
      'half a surrogate pair',
      '{"project_id":7,"device_id":"d","sources":[{"name":"a","data":[{"time":1,"value":"\\ud800"}]}]}',
      400,
      '21 Invalid data point',
    ],
    ['an empty name', series('d', { '': [] }), 400, '21 Invalid series name'],
    ['a reserved name', series('d', { Time_Offset: [] }), 400, '21 Reserved series name (Time_Offset)'],
    ['a name that is too long', series('d', { ['n'.repeat(1010)]: [[t0, 1]] }), 400, `21 Invalid series name (${'n'.repeat(1010)})`],
    ['a row that is too short', table('d', ['time', 'a'], [t0]), 400, '21 Row length does not match fields'],
    ['a row that is none', table('d', ['time', 'a'], {} as never), 400, '21 Row length does not match fields'],
    ['a table without time', table('d', ['a'], [1]), 400, '21 Missing field time'],
    ['the same field twice', table('d', ['time', 'a', 'A'], [t0, 1, 2]), 400, '21 Duplicate field'],
    ['time twice', table('d', ['time', 'Time'], [t0, 1]), 400, '21 Reserved series name (Time)'],
    ['a namespace that is none', { project_id: 7, data: { fields: ['time'], values: [] }, namespace: 'a.b' }, 400, '21 Invalid namespace'],
    ['a row of nobody', { project_id: 7, data: { fields: ['time', 'a'], values: [[t0, 1]] } }, 400, '21 Missing value for device_id'],
  ])('%s', async (_, body, status, fault) => {
    const answer = await send(body);
    expect([answer.status, answer.fault]).toEqual([status, fault]);
    expect(await stored()).toEqual([]);
    expect((await service.ask('GET', '/v1/devices')).json.devices).toEqual([]);
  });

  test('values of another type than their series, whoever wrote it before; numbers go with one another', async () => {
    await send(series('d', { a: [[t0, 1]], b: [[t0, true]] }));
    expect((await send(series('e', { A: [[t0, 1.5]] }))).status).toBe(200);
    const conflict = await send(series('e', { fine: [[t0, 1]], A: [[t0 + 1, 'x']] }));
    expect([conflict.status, conflict.fault]).toEqual([422, '24 Value type does not match series type (a is DOUBLE)']);
    expect((await send(series('d', { b: [[t0, 1]] }))).fault).toBe('24 Value type does not match series type (b is BOOLEAN)');
    expect(
      (
        await send(
          series('d', {
            c: [
              [t0, 1],
              [t0, 'x'],
            ],
          }),
        )
      ).fault,
    ).toBe('24 Value type does not match series type (c is LONG)');
    expect(await stored()).toEqual(['a{device_id="d"}@0=1', 'a{device_id="e"}@0=1.5', 'b{device_id="d"}@0=true']);
  });

  test('more than 1000 values, empty cells of tables included', async () => {
    const points = Array.from({ length: 1001 }, (_, i) => [t0 + i, i] as const);
    const many = await send(series('d', { a: points }));
    expect([many.status, many.fault]).toEqual([413, '23 Too many data points in one request (at most 1000)']);
    expect((await send(series('d', { a: points.slice(1) }))).status).toBe(200);
    const rows = Array.from({ length: 334 }, (_, i) => [t0 + i, null, null, i]);
    expect((await send(table('e', ['time', 'a', 'b', 'c'], ...rows))).status).toBe(413);
    expect((await send(table('e', ['time', 'a', 'b', 'c'], ...rows.slice(1)))).status).toBe(200);
  });

  test('size is looked at after what is wrong in itself, and before what does not go with what is there', async () => {
    await send(series('d', { a: [[t0, 1]] }));
    const points = Array.from({ length: 1001 }, (_, i) => [t0 + i, 'x'] as const);
    expect((await send(series('d', { a: [...points, [0.5, 1]] }))).fault).toBe('21 Invalid time');
    expect((await send(series('d', { a: points }))).status).toBe(413);
  });
});

describe('settings', () => {
  test('maxPoints raises the limit', async () => {
    service = await startService({ settings: { maxPoints: 2000 } });
    const points = Array.from({ length: 2000 }, (_, i) => [t0 + i, i] as const);
    expect((await send(series('d', { a: points }))).status).toBe(200);
  });

  test('typeConflicts "store" keeps values as they are', async () => {
    service = await startService({ settings: { typeConflicts: 'store' } });
    expect(
      (
        await send(
          series('d', {
            a: [
              [t0, 1],
              [t0 + 1, 'x'],
              [t0 + 2, true],
            ],
          }),
        )
      ).status,
    ).toBe(200);
    expect(await stored()).toEqual(['a{device_id="d"}@0=1', 'a{device_id="d"}@1="x"', 'a{device_id="d"}@2=true']);
  });

  test('unknownDevices "refuse" wants devices registered first', async () => {
    service = await startService({ settings: { unknownDevices: 'refuse' } });
    const answer = await send(series('d', { a: [[t0, 1]] }));
    expect([answer.status, answer.fault, await stored()]).toEqual([404, '32 Device not found', []]);
    await service.ask('POST', '/v1/devices', { project_id: 7, device_id: 'd' });
    expect((await send(series('d', { a: [[t0, 1]] }))).status).toBe(200);
  });

  test.each([
    [{ maxPoints: 0 }, /^settings\.iobeam\.maxPoints:/],
    [{ typeConflicts: 'ignore' }, /^settings\.iobeam\.typeConflicts: "ignore" is none of refuse, store/],
    [{ unknownDevices: true }, /^settings\.iobeam\.unknownDevices:/],
    [{ invites: 'x' }, /^settings\.iobeam\.invites:/],
    [{ admins: ['joe'] }, /^settings\.iobeam\.admins:/],
    [{ maxpoints: 1 }, /^settings\.iobeam\.maxpoints: is no known name/],
  ])('%o is refused by name', async (settings, message) => {
    await expect(startService({ store: connect(), settings: settings as never })).rejects.toThrow(message);
  });
});

test('100 requests at once create a series once, and store every value', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => send(series(`d${i % 5}`, { a: [[t0 + i, i]], [`s${i % 7}`]: [[t0 + i, i / 2]] }))),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await stored()).length).toBe(200);
  expect((await service.ask('GET', '/v1/devices')).json.devices).toHaveLength(5);
});

test('the project of a body may be a text of digits', async () => {
  expect((await send({ ...series('d', { a: [[t0, 1]] }), project_id: String(projectId) })).status).toBe(200);
});
