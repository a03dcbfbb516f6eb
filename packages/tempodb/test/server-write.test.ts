import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iso, now, type Service, search, startService } from './server-fixture.ts';

const day = { start: '2012-01-01', end: '2012-01-02' };
const at = (seconds: number) => iso(Date.parse('2012-01-01T00:00:00Z') + seconds * 1000);

/** What a series shows, as times and the texts of values. */
async function valuesOf(service: Service, key: string, range = day): Promise<[string, string][]> {
  const { text } = await service.ask('GET', `/v1/series/key/${encodeURIComponent(key)}/segment/?${search(range)}`);
  return Array.from(text.matchAll(/\{"t":"([^"]+)","v":([^}]+)\}/g), ([, time, value]) => [time!, value!]);
}

/** The three ways to write, each for one series. */
const ways = {
  'of one series': (points: readonly object[]) => ['/v1/series/key/k/OP/', points],
  bulk: (points: readonly { t?: unknown; v?: unknown }[]) => [
    '/v1/OP/',
    { t: points[0]!.t, data: points.map(({ v }) => ({ key: 'k', v })) },
  ],
  multi: (points: readonly object[]) => ['/v1/multi/OP/', points.map((point) => ({ key: 'k', ...point }))],
} as const;

const paths = {
  write: (path: string) => path.replace('multi/OP', 'multi').replace('OP', 'data'),
  increment: (path: string) => path.replace('OP', 'increment'),
};

describe.each(Object.entries(ways))('a write %s', (_, way) => {
  const write = (service: Service, points: readonly object[]) => {
    const [path, body] = way(points);
    return service.ask('POST', paths.write(path as string), body);
  };

  test('stores values as they are, and answers nothing', async () => {
    const values = [
      '0',
      '-0',
      '1',
      '40.5',
      '38.0',
      '1e-7',
      '1.7976931348623157e308',
      '9007199254740993',
      '-9223372036854775808',
      'true',
      'false',
    ];
    const service = await startService();
    for (const value of values) {
      const [path, body] = way([{ t: at(0), v: 'V' }]);
      const answer = await service.ask('POST', paths.write(path as string), JSON.stringify(body).replace('"V"', value));
      expect([answer.status, answer.text, answer.type, answer.headers.get('content-length')]).toEqual([200, '', null, '0']);
      const shown = { true: '1', false: '0', '38.0': '38', '1.7976931348623157e308': '1.7976931348623157e+308' }[value] ?? value;
      expect(await valuesOf(service, 'k')).toEqual([[at(0), shown]]);
    }
  });

  test('takes the time of the server where there is none', async () => {
    const service = await startService();
    expect((await write(service, [{ v: 1 }])).status).toBe(200);
    expect((await write(service, [{ t: null, v: 2 }])).status).toBe(200);
    expect(await valuesOf(service, 'k', { start: iso(now), end: iso(now + 1) })).toEqual([[iso(now), '2']]);
  });

  test('of what is no number is refused, and makes no series', async () => {
    const service = await startService();
    for (const v of [undefined, null, '5', '', [], {}, [1]]) {
      const answer = await write(service, [{ t: at(0), v }]);
      expect([422, 207]).toContain(answer.status);
      expect(answer.text).toContain('Must provide a numeric value');
    }
    const [path, body] = way([{ t: at(0), v: 'V' }]);
    for (const value of ['1e999', '-1e999'])
      expect((await service.ask('POST', paths.write(path as string), JSON.stringify(body).replace('"V"', value))).text).toContain(
        'Must provide a numeric value',
      );
    expect(await service.store.series().toArray()).toEqual([]);
  });
});

describe('a write of one series', () => {
  test('stores all points or none', async () => {
    const { ask, store } = await startService();
    for (const bad of [{ t: 'yesterday', v: 1 }, { t: 5, v: 1 }, { t: '', v: 1 }, { v: 'x' }, 5, null, [], 'point']) {
      const answer = await ask('POST', '/v1/series/key/k/data/', [{ t: at(0), v: 1 }, bad]);
      expect([answer.status, answer.type]).toEqual([422, 'text/plain']);
      expect(answer.text).toContain('(point 1)');
    }
    for (const body of [{}, '5', 'null', '"text"']) expect((await ask('POST', '/v1/series/key/k/data/', body)).status).toBe(422);
    expect(await store.series().toArray()).toEqual([]);
  });

  test('keeps the last of equal times, over points that are there', async () => {
    const service = await startService();
    const points = [1, 2, 3].map((v) => ({ t: at(0), v }));
    await service.ask('POST', '/v1/series/key/k/data/', [...points, { t: '2012-01-01T00:00:00.0009Z', v: 4 }]);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '4']]);
    await service.ask('POST', '/v1/series/key/k/data/', [{ t: at(0), v: 5 }]);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '5']]);
  });

  test('of nothing makes the series, by key', async () => {
    const { ask } = await startService();
    expect((await ask('POST', '/v1/series/key/k/data/', [])).status).toBe(200);
    const { json } = await ask('GET', '/v1/series/key/k/');
    expect((await ask('POST', `/v1/series/id/${json.id}/data/`, [])).status).toBe(200);
    expect((await ask('POST', `/v1/series/id/${'f'.repeat(32)}/data/`, [])).status).toBe(403);
  });
});

describe('a write of several series', () => {
  test('stores the good elements and tells of every one, in order', async () => {
    const service = await startService();
    const { json } = await service.ask('POST', '/v1/series/', { key: 'named' });
    const numeric = 'Must provide a numeric value';
    const naming = 'Must provide a series ID or key';
    const elements: readonly (readonly [unknown, string, string[]])[] = [
      [{ key: 'a', t: at(0), v: 1 }, '200', []],
      [{ id: json.id, t: at(0), v: 2 }, '200', []],
      [{ id: json.id, key: 'ignored', t: at(1), v: 3 }, '200', []],
      [{ id: '', key: 'a', t: at(1), v: 4 }, '200', []],
      [{ id: null, key: 'a', t: at(2), v: true }, '200', []],
      [{ t: at(0), v: 123.4 }, '422', [naming]],
      [{}, '422', [numeric, naming]],
      [{ key: 'b', t: at(0) }, '422', [numeric]],
      [{ key: '', id: '', v: 1 }, '422', [naming]],
      [{ key: 5, v: 1 }, '422', [naming]],
      [{ id: 'f'.repeat(32), t: at(0), v: 1 }, '403', ['Forbidden']],
      [{ id: 'x', key: 'b', v: 1 }, '403', ['Forbidden']],
      [{ id: 'x', v: null }, '422', [numeric]],
      [{ key: 'b', t: 'yesterday', v: 1 }, '422', ['Invalid timestamp']],
      [{ key: 'b'.repeat(1025), v: 1 }, '422', ['Invalid series key']],
      [{ key: 'b\0', v: 1 }, '422', ['Invalid series key']],
      [{ key: 'b', t: 1325376000, v: 'x' }, '422', [numeric, 'Invalid timestamp']],
      [5, '422', [numeric, naming]],
      [null, '422', [numeric, naming]],
      [[], '422', [numeric, naming]],
    ];
    const answer = await service.ask(
      'POST',
      '/v1/multi/',
      elements.map(([element]) => element),
    );
    expect([answer.status, answer.type]).toEqual([207, 'application/json']);
    expect(answer.json).toEqual({ multistatus: elements.map(([, status, messages]) => ({ status, messages })) });
    expect(await valuesOf(service, 'a')).toEqual([
      [at(0), '1'],
      [at(1), '4'],
      [at(2), '1'],
    ]);
    expect(await valuesOf(service, 'named')).toEqual([
      [at(0), '2'],
      [at(1), '3'],
    ]);
    expect((await service.store.series().toArray()).map(({ key }) => key)).toEqual(['a', 'named']);
  });

  test('with an id and the key of the same series keeps the last of equal times', async () => {
    const service = await startService();
    const { json } = await service.ask('POST', '/v1/series/', { key: 'k' });
    const names = [{ id: json.id }, { key: 'k' }, { key: 'other' }, { id: json.id }, { key: 'k' }];
    await service.ask(
      'POST',
      '/v1/multi/',
      names.map((name, v) => ({ ...name, t: at(0), v })),
    );
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '4']]);
  });

  test('of nothing is fine, and a body of another form is not', async () => {
    const { ask } = await startService();
    expect((await ask('POST', '/v1/multi/', [])).status).toBe(200);
    expect((await ask('POST', '/v1/data/', { data: [] })).status).toBe(200);
    for (const body of [{}, '5', 'null', '"x"']) expect((await ask('POST', '/v1/multi/', body)).status).toBe(422);
    for (const body of [{}, [], '5', 'null', { data: {} }, { t: at(0) }]) expect((await ask('POST', '/v1/data/', body)).status).toBe(422);
    for (const t of ['yesterday', 5, '', {}]) expect((await ask('POST', '/v1/data/', { t, data: [{ key: 'k', v: 1 }] })).status).toBe(400);
    expect((await ask('GET', '/v1/series/')).json).toEqual([]);
  });
});

describe.each(Object.entries(ways))('an increment %s', (_, way) => {
  const increment = (service: Service, points: readonly object[]) => {
    const [path, body] = way(points);
    return service.ask('POST', paths.increment(path as string), body);
  };

  test('adds whole numbers, cut toward zero on both sides, and all of a request', async () => {
    const service = await startService();
    expect(
      (
        await increment(
          service,
          [12.94, -3.7, 5, 0.99].map((v) => ({ t: at(0), v })),
        )
      ).status,
    ).toBe(200);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '14']]);
    await service.ask('POST', '/v1/series/key/k/data/', [{ t: at(0), v: -7.9 }]);
    await increment(service, [{ t: at(0), v: 1.5 }]);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '-6']]);
    await increment(service, [{ t: at(5), v: -0.5 }]);
    expect(await valuesOf(service, 'k')).toContainEqual([at(5), '0']);
  });

  test('by 40 at once is counted by each', async () => {
    const service = await startService();
    const answers = await Promise.all(Array.from({ length: 40 }, () => increment(service, [{ t: at(0), v: 1.9 }])));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '40']]);
  });

  test('is exact to 64 bits and refused beyond, as over what is no number', async () => {
    const service = await startService();
    const [path, body] = way([{ t: at(0), v: 'V' }]);
    const add = (amount: string) => service.ask('POST', paths.increment(path as string), JSON.stringify(body).replace('"V"', amount));
    expect((await add('9223372036854775806')).status).toBe(200);
    expect((await add('1')).status).toBe(200);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '9223372036854775807']]);
    for (const amount of ['1', '1e300', '9223372036854775807']) expect([422, 207]).toContain((await add(amount)).status);
    expect(await valuesOf(service, 'k')).toEqual([[at(0), '9223372036854775807']]);
    for (const value of ['text', true]) {
      await service.store.write([{ series: 'k', time: Date.parse(at(0)), value }]);
      expect([422, 207]).toContain((await add('1')).status);
    }
  });
});

describe('an increment that cannot be added', () => {
  test('leaves the others of a multi request added, and none of those of one series', async () => {
    const service = await startService();
    await service.store.write([{ series: 'k', time: Date.parse(at(1)), value: 'text' }]);
    const points = [0, 1, 2, 1].map((second) => ({ t: at(second), v: 5 }));
    expect((await service.ask('POST', '/v1/series/key/k/increment/', points)).status).toBe(422);
    expect(await valuesOf(service, 'k')).toEqual([]);
    const elements = [{ key: 'new.x', t: at(0), v: 1 }, ...points.map((point) => ({ key: 'k', ...point })), { v: 1 }];
    const answer = await service.ask('POST', '/v1/multi/increment/', elements);
    expect(answer.status).toBe(207);
    expect(answer.json.multistatus.map(({ status }: { status: string }) => status)).toEqual(['200', '200', '422', '200', '422', '422']);
    expect(await valuesOf(service, 'k')).toEqual([
      [at(0), '5'],
      [at(2), '5'],
    ]);
  });

  test('makes no series of its own', async () => {
    const service = await startService();
    await service.ask('POST', '/v1/multi/increment/', [{ key: 'k', v: 1e300 }]);
    expect(await service.store.series().toArray()).toEqual([]);
  });
});

describe('a body', () => {
  const path = '/v1/series/key/k/data/';
  const point = `{"t":"${at(0)}","v":1}`;

  test('may have commas before closing brackets, a byte order mark, any type and any charset that it names', async () => {
    const { ask } = await startService();
    const bodies: readonly (readonly [string | Uint8Array, string?])[] = [
      [`[${point},]`],
      [`[{"t":"${at(0)}","v":1,},\n\t ]`],
      [`[${point} , ]`],
      [`\ufeff[${point}]`],
      [`[${point}]`, 'text/plain; charset=UTF-8'],
      [`[${point}]`, 'application/x-www-form-urlencoded'],
      [Buffer.from(`[${point}]`, 'utf16le'), 'application/json; charset="utf-16le"'],
      [`[${point}]`, 'application/json; charset=no-such-charset'],
    ];
    for (const [body, type] of bodies)
      expect((await ask('POST', path, body, type === undefined ? {} : { 'content-type': type })).status, String(body)).toBe(200);
  });

  test('keeps what is inside of texts as it is', async () => {
    const { ask } = await startService();
    for (const key of ['a,]', '",}', '\\",]', ',\n]']) {
      const body = `{"key":${JSON.stringify(key)},"tags":[${JSON.stringify(key)},],}`;
      expect((await ask('POST', '/v1/series/', body)).json).toMatchObject({ key, tags: [key] });
    }
  });

  test('in Latin-1 is read as such where its type says so', async () => {
    const { ask } = await startService();
    const body = Buffer.from('{"key":"Füllstand"}', 'latin1');
    expect((await ask('POST', '/v1/series/', body, { 'content-type': 'text/plain; charset=ISO-8859-1' })).json.key).toBe('Füllstand');
    expect((await ask('POST', '/v1/series/', body)).status).toBe(400);
  });

  test('that is no JSON is refused before the series is looked for', async () => {
    const { ask } = await startService();
    for (const body of ['', ' ', '{', `[${point}`, '[1,,]', "[{'v':1}]", '[NaN]', '[01]', '[1]]', '\u0000', '"a,]', '['.repeat(100_000)]) {
      const answer = await ask('POST', path, body);
      expect([answer.status, answer.type], body.slice(0, 20)).toEqual([400, 'text/plain']);
      expect((await ask('POST', `/v1/series/id/${'f'.repeat(32)}/data/`, body)).status).toBe(400);
      expect((await ask('POST', '/v1/multi/', body)).status).toBe(400);
      expect((await ask('POST', '/v1/data/', body)).status).toBe(400);
    }
  });

  test('of commas and quotes by the megabyte is refused in no time', async () => {
    const { ask } = await startService();
    for (const body of [
      '"'.repeat(1e6),
      '\\"'.repeat(1e6),
      ','.repeat(1e6),
      `[${', '.repeat(1e6)}`,
      `[${',\n'.repeat(1e6)}]`,
      '[],'.repeat(1e6),
    ]) {
      const begun = performance.now();
      expect((await ask('POST', path, body)).status).toBe(400);
      expect(performance.now() - begun).toBeLessThan(2000);
    }
  });

  test('with a comma anywhere before a bracket is what it is without', async () => {
    const { ask } = await startService({ settings: { metadataFromKeys: false } });
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.string(), fc.constantFrom(',]', '"', '\\'), tie('list'), tie('map')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    }));
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(json.value, fc.constantFrom('', ' ', '\n\t'), async (extra, space) => {
        const commas = (value: unknown): string => {
          if (Array.isArray(value)) return `[${value.map((each) => `${commas(each)}${space},${space}`).join('')}]`;
          if (typeof value !== 'object' || value === null) return JSON.stringify(value);
          return `{${Object.entries(value)
            .map(([name, each]) => `${JSON.stringify(name)}:${commas(each)},${space}`)
            .join('')}}`;
        };
        const key = `${serial++},]`;
        const { status, json: answer } = await ask('POST', '/v1/series/', commas({ extra, key, tags: ['t'] }));
        expect([status, answer?.key, answer?.tags]).toEqual([200, key, ['t']]);
      }),
    );
  });
});

describe('points that are deleted', () => {
  test('are those of the range, by whole milliseconds, or the one instant', async () => {
    const service = await startService();
    const start = Date.parse(at(0));
    const times = [0, 0.4, 1, 1.9, 2, 2.5, 3];
    const fill = () => service.store.write(times.map((ms) => ({ series: 'k', time: start + ms, value: ms })));
    const left = async () => (await service.store.read({ series: 'k' }).toArray()).map(({ time }) => Math.round((time - start) * 10) / 10);
    const remove = async (from: number, to: number) => {
      await fill();
      const query = search({ start: iso(start + from), end: iso(start + to), unknown: 'x' });
      const { status, text } = await service.ask('DELETE', `/v1/series/key/k/data/?${query}`);
      expect([status, text]).toEqual([200, '']);
      return left();
    };
    expect(await remove(1, 2)).toEqual([0, 0.4, 2, 2.5, 3]);
    expect(await remove(1, 1)).toEqual([0, 0.4, 2, 2.5, 3]);
    expect(await remove(0, 3)).toEqual([3]);
    expect(await remove(10, 10)).toEqual(times);
    expect((await service.ask('GET', '/v1/series/key/k/')).status).toBe(200);
    expect((await service.ask('DELETE', `/v1/series/key/none/data/?${search(day)}`)).status).toBe(403);
    for (const query of ['', 'start=2012-01-01', 'end=2012-01-01', 'start=x&end=2012-01-01', 'start=2012-01-02&end=2012-01-01'])
      expect((await service.ask('DELETE', `/v1/series/key/k/data/?${query}`)).status).toBe(400);
  });
});
