import { beforeEach, describe, expect, test } from 'vitest';
import { now, type Service, series, startService, table } from './server-fixture.ts';

const t0 = 1_440_700_000_000;

let service: Service;
beforeEach(async () => {
  service = await startService();
  await service.ask(
    'POST',
    '/v1/imports',
    series('d-1', {
      temperature: [
        [t0, 21.5],
        [t0 + 1000, 22],
        [t0 + 61_000, 24],
      ],
      mode: [[t0, 'auto']],
    }),
  );
  await service.ask('POST', '/v1/imports', { ...series('d-1', { temperature: [[(t0 + 2000) * 1000 + 750, 23.25]] }), timefmt: 'usec' });
  await service.ask(
    'POST',
    '/v1/imports',
    table('d-2', ['time', 'temperature', 'lamp'], [t0, 18, true], [t0 + 1000, 19, null], [t0 + 2000, null, false]),
  );
});

const get = (target: string) => service.ask('GET', target);

/** The values of each series of an export, by `device name`. */
async function valuesOf(target: string): Promise<Record<string, unknown[]>> {
  const { json } = await get(target);
  const result = json.result as { device_id: string; name: string; data: { value: unknown }[] }[];
  return Object.fromEntries(result.map(({ device_id, name, data }) => [`${device_id} ${name}`, data.map(({ value }) => value)]));
}

/** The rows of an answer about a namespace. */
async function rowsOf(target: string): Promise<unknown> {
  return (await get(target)).json.result[0]?.values ?? [];
}

describe('exports', () => {
  test.each([
    [
      '/v1/exports/7',
      { 'd-1 mode': ['auto'], 'd-1 temperature': [21.5, 22, 23.25, 24], 'd-2 lamp': [true, false], 'd-2 temperature': [18, 19] },
    ],
    ['/v1/exports/7/d-2', { 'd-2 lamp': [true, false], 'd-2 temperature': [18, 19] }],
    ['/v1/exports/7/all/TEMPERATURE/', { 'd-1 temperature': [21.5, 22, 23.25, 24], 'd-2 temperature': [18, 19] }],
    ['/v1/exports/7/d-1/Temperature', { 'd-1 temperature': [21.5, 22, 23.25, 24] }],
    ['/v1/exports/7/D-1/temperature', {}],
    ['/v1/exports/7/all/all?limit=1', { 'd-1 mode': ['auto'], 'd-1 temperature': [24], 'd-2 lamp': [false], 'd-2 temperature': [19] }],
    ['/v1/exports/7/d-1/temperature?greater_than=22&less_than=24&limit=5', { 'd-1 temperature': [23.25] }],
    ['/v1/exports/7/d-1/temperature?greater_than=21&limit=1', { 'd-1 temperature': [24] }],
    ['/v1/exports/7/all/all?equals=19.0', { 'd-2 temperature': [19] }],
    [`/v1/exports/7/d-1/temperature?from=${t0 + 1000}&to=${t0 + 2000}`, { 'd-1 temperature': [22, 23.25] }],
    [`/v1/exports/7/d-1/temperature?from=${t0 + 1000}&to=${t0 + 1000}`, { 'd-1 temperature': [22] }],
    ['/v1/exports/7/d-1/temperature?operator=sum&group_by=1m', { 'd-1 temperature': [66.75, 24] }],
    ['/v1/exports/7/d-1/temperature?operator=max&group_by=1m&limit=1', { 'd-1 temperature': [24] }],
    [
      '/v1/exports/7/all/all?operator=count&group_by=1h',
      { 'd-1 mode': [1], 'd-1 temperature': [4], 'd-2 lamp': [2], 'd-2 temperature': [2] },
    ],
    ['/v1/exports/7/all/all?operator=min', { 'd-1 temperature': [21.5], 'd-2 temperature': [18] }],
    ['/v1/exports/7/d-1/temperature?operator=mean&group_by=1m&greater_than=22', { 'd-1 temperature': [23.25, 24] }],
    ['/v1/exports/7/d-1/temperature?operator=count&less_than=0', {}],
    ['/v1/exports/7/d-1/temperature?limit=3&limit=1', { 'd-1 temperature': [24] }],
  ])('%s', async (target, expected) => {
    expect(await valuesOf(target)).toEqual(expected);
  });

  test('buckets stand at their start, from 1970 on, and one bucket for all at the beginning of the range', async () => {
    const times = async (query: string) =>
      (await get(`/v1/exports/7/d-1/temperature?operator=count&${query}`)).json.result[0].data.map(
        ({ time }: { time: number }) => time - t0,
      );
    expect(await times('group_by=7s')).toEqual([-5000, 2000, 58_000]);
    expect(await times('group_by=1m')).toEqual([-40_000, 20_000]);
    expect(await times('')).toEqual([0]);
    expect(await times(`from=${t0 - 5000}`)).toEqual([-5000]);
  });

  test.each([
    ['sec', (t0 + 2000) / 1000],
    ['msec', t0 + 2000],
    ['uSec', (t0 + 2000) * 1000 + 750],
    ['TIMEVAL', { sec: (t0 + 2000) / 1000, usec: 750 }],
  ])('times in %s', async (format, time) => {
    const { json } = await get(`/v1/exports/7/d-1/temperature?timefmt=${format}&from=${t0 + 2000}&to=${t0 + 2000}`);
    expect(json).toEqual({
      result: [{ project_id: 7, device_id: 'd-1', name: 'temperature', data: [{ time, value: 23.25 }] }],
      timefmt: format.toLowerCase(),
    });
  });

  test('CSV quotes what has to be quoted', async () => {
    await service.ask('POST', '/v1/imports', series('d-3', { 'a,b': [[t0, 'say "hi"\n']] }));
    const answer = await get('/v1/exports/7/d-3?output=csv');
    expect([answer.type, answer.text]).toEqual([
      'text/plain; charset=utf-8',
      `project_id,device_id,name,time,value\n7,d-3,"a,b",${t0},"say ""hi""\n"\n`,
    ]);
  });

  test('names with slashes, blanks and escapes are found', async () => {
    await service.ask('POST', '/v1/imports', series('d-3', { 'a/b c%41é': [[t0, 1]], '..': [[t0, 2]] }));
    expect(await valuesOf('/v1/exports/7/d-3/a/b%20c%2541%C3%A9')).toEqual({ 'd-3 a/b c%41é': [1] });
    expect(await valuesOf('/v1/exports/7/d-3/..')).toEqual({ 'd-3 ..': [2] });
  });

  test.each([
    ['limit=0', '22 Invalid value for limit (0)'],
    ['limit=x', '22 Invalid value for limit (x)'],
    ['from=2&to=1', '22 from is after to'],
    ['from=yesterday', '22 Invalid value for from (yesterday)'],
    ['operator=median', '22 Invalid value for operator (median)'],
    ['group_by=1m', '22 group_by requires operator'],
    ['operator=sum&group_by=1x', '22 Invalid value for group_by (1x)'],
    ['operator=sum&group_by=999999999y', '22 Invalid value for group_by (999999999y)'],
    ['timefmt=ns', '22 Invalid value for timefmt (ns)'],
    ['output=xml', '22 Invalid value for output (xml)'],
    ['greater_than=', '22 Invalid value for greater_than ()'],
    ['equals=warm', '22 Invalid value for equals (warm)'],
  ])('the query %s is refused', async (query, fault) => {
    const answer = await get(`/v1/exports/7/all/all?${query}`);
    expect([answer.status, answer.fault]).toEqual([400, fault]);
  });

  test('a path that names no project is refused, and that of another one', async () => {
    expect((await get('/v1/exports/seven')).fault).toBe('21 Invalid project_id (seven)');
    expect((await get('/v1/exports/8')).fault).toBe('11 Token does not belong to this project');
  });

  test('an answer that would be too long asks for less', async () => {
    service = await startService({ store: service.store, settings: { maxAnswerPoints: 3 } });
    const answer = await get('/v1/exports/7/d-1/temperature');
    expect([answer.status, answer.fault]).toEqual([413, '23 Too many data points in one answer (narrow the time, or give a limit)']);
    expect((await get('/v1/exports/7/d-1/temperature?limit=3')).status).toBe(200);
    expect((await get('/v1/data/input')).status).toBe(413);
    expect((await get('/v1/data/input/temperature?limit=1')).status).toBe(200);
  });
});

describe('data of a namespace', () => {
  const [a, b, c, d] = [t0, t0 + 1000, t0 + 2000, t0 + 61_000];

  test('all fields: the newest rows first, what is missing is null, and what was written at one microsecond is one row', async () => {
    const { json } = await get('/v1/data/input');
    expect(json.result).toEqual([
      {
        fields: ['time', 'device_id', 'lamp', 'mode', 'temperature'],
        values: [
          [d, 'd-1', null, null, 24],
          [c, 'd-1', null, null, 23.25],
          [c, 'd-2', false, null, null],
          [b, 'd-1', null, null, 22],
          [b, 'd-2', null, null, 19],
          [a, 'd-1', null, 'auto', 21.5],
          [a, 'd-2', true, null, 18],
        ],
      },
    ]);
  });

  test.each([
    [
      '/v1/data/input/temperature?limit=2',
      [
        [d, 24],
        [c, 23.25],
      ],
    ],
    ['/v1/data/input/Mode/', [[a, 'auto']]],
    ['/v1/data/input/time?limit=3', [[d], [c], [c]]],
    ['/v1/data/input/all?limit=1', [[d, 'd-1', null, null, 24]]],
    [
      '/v1/data/input/device_id?limit_by=device_id,1',
      [
        [d, 'd-1'],
        [c, 'd-2'],
      ],
    ],
    [
      '/v1/data/input/temperature?limit_by=device_id,1',
      [
        [d, 24],
        [b, 19],
      ],
    ],
    [
      '/v1/data/input/temperature?limit_by=mode,1',
      [
        [d, 24],
        [a, 21.5],
      ],
    ],
    [
      `/v1/data/input/temperature?time=${a},${b}`,
      [
        [b, 22],
        [b, 19],
        [a, 21.5],
        [a, 18],
      ],
    ],
    [`/v1/data/input/temperature?time=${d}`, [[d, 24]]],
    [
      `/v1/data/input/temperature?time=,${a}`,
      [
        [a, 21.5],
        [a, 18],
      ],
    ],
    [
      '/v1/data/input/temperature?time=now()-1h',
      [
        [d, 24],
        [c, 23.25],
        [b, 22],
        [b, 19],
        [a, 21.5],
        [a, 18],
      ],
    ],
    [
      '/v1/data/input/temperature?time=now()-1h,now()-10m',
      [
        [d, 24],
        [c, 23.25],
        [b, 22],
        [b, 19],
        [a, 21.5],
        [a, 18],
      ],
    ],
    ['/v1/data/input/temperature?time=now()+5m,now()+1h', []],
    [
      '/v1/data/input/temperature?where=ge(temperature,22)&where=lt(temperature,24)',
      [
        [c, 23.25],
        [b, 22],
      ],
    ],
    [
      '/v1/data/input/temperature?where=eq(device_id,%22d-2%22)',
      [
        [b, 19],
        [a, 18],
      ],
    ],
    [
      `/v1/data/input/temperature?where=eq(time,${a})`,
      [
        [a, 21.5],
        [a, 18],
      ],
    ],
    ['/v1/data/input/temperature?where=eq(lamp,true)', [[a, 18]]],
    ['/v1/data/input/temperature?where=gt(%20mode%20,%20a%20)', [[a, 21.5]]],
    ['/v1/data/input/temperature?where=eq(nothing,1)', []],
    ['/v1/data/input/temperature?group_by=undefinedFIELD&limit=1', [[d, 24]]],
    ['/v1/data/input/temperature?operator=mean', [[a, 21.291666666666668]]],
    [
      '/v1/data/input/temperature?operator=sum&group_by=device_id',
      [
        [a, 90.75, 'd-1'],
        [a, 37, 'd-2'],
      ],
    ],
    [
      '/v1/data/input/temperature?operator=max&group_by=time(1m)',
      [
        [d - 41_000, 24],
        [t0 - 40_000, 23.25],
      ],
    ],
    ['/v1/data/input/temperature?operator=max&group_by=time(1m)&limit_periods=1', [[d - 41_000, 24]]],
    [
      '/v1/data/input/temperature?operator=count&group_by=time(1m),device_id&limit_by=device_id,1',
      [
        [d - 41_000, 1, 'd-1'],
        [t0 - 40_000, 2, 'd-2'],
      ],
    ],
    [
      '/v1/data/input/temperature?operator=min&group_by=mode',
      [
        [a, 18, null],
        [a, 21.5, 'auto'],
      ],
    ],
    ['/v1/data/input/mode?operator=count', [[a, 1]]],
    ['/v1/data/input/mode?operator=sum', []],
    [
      '/v1/data/input/device_id?operator=count&group_by=device_id',
      [
        [a, 4, 'd-1'],
        [a, 3, 'd-2'],
      ],
    ],
  ])('%s', async (target, rows) => {
    expect(await rowsOf(target)).toEqual(rows);
  });

  test('columns of a rollup say what was computed', async () => {
    const { json } = await get('/v1/data/input/temperature?operator=mean&group_by=time(1m),device_id&limit=1');
    expect(json.result[0].fields).toEqual(['time', 'avg(temperature)', 'device_id']);
    const csv = await get('/v1/data/input/temperature?operator=sum&group_by=time(1m),mode&output=csv&timefmt=timeval&limit=1');
    expect(csv.text).toBe(`time,input.sum(temperature),input.mode\n${(d - 41_000) / 1000}.000000,24,\n`);
  });

  test.each([
    ['/v1/data/nowhere', 404, '32 Namespace not found'],
    ['/v1/data/input/nothing', 404, '32 Field not found'],
    ['/v1/data/input?operator=sum', 400, '22 operator needs one field'],
    ['/v1/data/input/temperature?operator=sum&group_by=nothing', 400, '22 Invalid value for group_by (nothing)'],
    ['/v1/data/input/temperature?where=like(a,b)', 400, '22 Invalid value for where (like(a,b))'],
    ['/v1/data/input/temperature?time=now()-x', 400, '22 Invalid value for time (now()-x)'],
    ['/v1/data/input/temperature?time=2,1', 400, '22 Invalid value for time (2,1)'],
    ['/v1/data/input/temperature?limit_by=device_id', 400, '22 Invalid value for limit_by (device_id)'],
  ])('%s is refused', async (target, status, fault) => {
    const answer = await get(target);
    expect([answer.status, answer.fault]).toEqual([status, fault]);
  });

  test('the clock is that of the server', async () => {
    expect((await get('/v1/devices/timestamp')).json).toEqual({ server_timestamp: now });
    expect((await get('/v1/devices/timestamp?timefmt=sec')).json).toEqual({ server_timestamp: Math.floor(now / 1000) });
  });
});
