import { deflateSync, gzipSync } from 'node:zlib';
import { AnySeriesError, type Store } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { createServer } from '@anyseries/microlog/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, bobsGraph, documentUsers, errors, requests, type Service, standingClock, startService } from './service.ts';

const t0 = 1_478_220_723;
const credentials = { api_username: ada.name, api_token: ada.token };

let service: Service;

beforeEach(async () => {
  service = await startService({ clock: standingClock(), users: documentUsers });
});
afterEach(() => service.close());

async function told(response: Response): Promise<[number, string]> {
  return [response.status, await response.text()];
}

async function heading(response: Response): Promise<[number, string | undefined]> {
  return [response.status, /<h1>(.*)<\/h1><h2><\/h2><pre><\/pre>/.exec(await response.text())?.[1]];
}

/** A dataset of one point. */
const one = (graph: unknown, count: unknown = 1, time: unknown = t0) => ({ graph, points: [{ time, count }] });

describe('what is stored', () => {
  test('every point is kept in the list, and its count is added to the series at the whole second', async () => {
    await service.write([
      {
        graph: requests,
        points: [
          { time: t0, count: 5 },
          { time: t0 + 0.75, count: 2.5, text: 'café' },
        ],
      },
    ]);
    await service.write([one(requests, 4)]);
    expect(await service.list(requests)).toEqual([
      { time: t0, count: 5 },
      { time: t0 + 0.75, count: 2.5, text: 'café' },
      { time: t0, count: 4 },
    ]);
    expect(await service.series(requests)).toEqual([[t0, 11.5]]);
  });

  test('writes at the same moment all count', async () => {
    await Promise.all(Array.from({ length: 50 }, () => service.write([one(requests, 2), one(errors, 1)])));
    expect(await service.series(requests)).toEqual([[t0, 100]]);
    expect(await service.series(errors)).toEqual([[t0, 50]]);
    expect(await service.list(requests)).toHaveLength(50);
  });

  test('what no page can show is in the list and not in the series', async () => {
    const odd = [{ count: 3 }, { time: t0, count: 'abc' }, { time: 'x', count: 1 }, { time: 1e300, count: 1 }, 7, 'text', [1]];
    expect(await told(await service.write([{ graph: requests, points: odd }]))).toEqual([200, 'All good']);
    expect(await service.list(requests)).toEqual(odd);
    expect(await service.series(requests)).toEqual([]);
  });

  test('texts that are numbers count as pages count them', async () => {
    await service.write([
      {
        graph: requests,
        points: [
          { time: String(t0), count: '7 apples' },
          { time: t0, count: [3, 4] },
        ],
      },
    ]);
    expect(await service.series(requests)).toEqual([[t0, 10]]);
  });

  test('null points, and points that no record can hold, are passed over', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const body = `{"api_username":"ada","api_token":"${ada.token}","datasets":[{"graph":"${requests}","points":[null,{"time":${t0},"count":1e999},{"time":${t0},"count":1,"x":${deep}},{"time":${t0},"count":2,"__proto__":{"a":1}}]}]}`;
    const answer = await service.ask('/graphs/api/', { body, headers: { 'content-type': 'application/json' } });
    expect(await told(answer)).toEqual([200, 'All good']);
    expect(JSON.stringify(await service.list(requests))).toBe(`[{"time":${t0},"count":2,"__proto__":{"a":1}}]`);
    expect(await service.series(requests)).toEqual([[t0, 2]]);
  });

  test('where a series holds something that nothing can be added to, that point alone is passed over', async () => {
    await service.store.write([{ series: requests, time: t0 * 1000, value: 'a text' }]);
    const points = [t0, t0 + 1, t0 + 2].map((time) => ({ time, count: 1 }));
    const answer = await service.write([{ graph: requests, points }, one(errors)], { accept: 'application/json' });
    expect(await answer.json()).toEqual({
      ok: false,
      datasets: [
        { graph: requests, received: 3, stored: 2, dropped: [0] },
        { graph: errors, received: 1, stored: 1 },
      ],
    });
    expect(await service.series(requests)).toEqual([
      [t0, 'a text'],
      [t0 + 1, 1],
      [t0 + 2, 1],
    ]);
    expect(await service.list(requests)).toHaveLength(2);
  });

  test('a sum that no number holds is passed over', async () => {
    await service.write([one(requests, Number.MAX_VALUE)]);
    const answer = await service.write([one(requests, Number.MAX_VALUE)], { accept: 'application/json' });
    expect(await answer.json()).toMatchObject({ datasets: [{ received: 1, stored: 0, dropped: [0] }] });
  });

  test('a graph of a series of another protocol has no list: its series is incremented', async () => {
    await service.store.write([{ series: 'boiler', time: t0 * 1000, value: 40 }]);
    const { graphs } = (await (
      await service.ask('/graphs/api/', { headers: { authorization: `Basic ${btoa(`ada:${ada.token}`)}` } })
    ).json()) as {
      graphs: { id: string; series?: string }[];
    };
    const { id } = graphs.find(({ series }) => series === 'boiler')!;
    await service.write([{ graph: id, points: [{ time: t0 + 0.5, count: 2 }, { count: 1 }] }]);
    expect(await service.series('boiler')).toEqual([[t0, 42]]);
    expect(await service.list(id)).toEqual([]);
  });
});

describe('which datasets are good', () => {
  const cases: readonly [string, unknown, [number, string | undefined], number][] = [
    ['none', [], [200, 'All good'], 0],
    ['a text without characters', '', [200, 'All good'], 0],
    ['a text', 'abc', [404, 'Graph not found'], 0],
    ['one without a graph', [{ points: [] }], [404, 'Graph not found'], 0],
    ['one without points', [one(requests), { graph: errors }], [404, 'Graph not found'], 1],
    ['numbers, texts, booleans and lists', [1, 'a', true, [], one(requests)], [404, 'Graph not found'], 1],
    ['points that are no list', [{ graph: requests, points: 5 }, one(requests)], [200, 'All good'], 1],
    ['somebody else’s graph', [one(bobsGraph), one(requests)], [200, 'All good'], 1],
    ['an unknown graph', [one('NoSuchGraph000000000')], [200, 'All good'], 0],
    ['a graph that is no text', [one({ $ne: null }), one([requests]), one(5)], [200, 'All good'], 0],
    ['a graph whose name no record has', [one('\u0000'), one('x'.repeat(5000)), one('\ud800')], [200, 'All good'], 0],
  ];
  test.each(cases)('%s', async (_, datasets, answer, stored) => {
    expect(await told(await service.write(datasets))).toEqual(answer);
    expect(await service.list(requests)).toHaveLength(stored);
    expect(await service.list(bobsGraph)).toEqual([]);
  });

  test('a null among them ends the reading, but what came before it is stored', async () => {
    expect((await service.write([one(requests), null, one(errors)])).status).toBe(500);
    expect((await service.write([{}, one(requests), null, one(errors)])).status).toBe(404);
    expect(await service.list(requests)).toHaveLength(2);
    expect(await service.list(errors)).toHaveLength(0);
  });

  test.each([[undefined], [null], [5], [{}], [{ toString: 1 }], [true]])(
    'what is no list fails like the original: %j',
    async (datasets) => {
      expect((await service.write(datasets)).status).toBe(500);
    },
  );
});

describe('who may write', () => {
  test.each([
    ['no token', { api_username: 'ada' }, 'Error: no api token spplied'],
    ['no name', { api_token: ada.token }, 'Error: no username supplied'],
    ['an empty token', { ...credentials, api_token: '' }, 'Error: invalid username-token pair'],
    ['null', { api_username: null, api_token: null }, 'Error: invalid username-token pair'],
    ['an operator of a database', { ...credentials, api_token: { $ne: null } }, 'Error: invalid username-token pair'],
    ['a list', { api_username: ['ada'], api_token: [ada.token] }, 'Error: invalid username-token pair'],
    ['somebody else’s token', { ...credentials, api_username: 'bob' }, 'Error: invalid username-token pair'],
    ['an unknown name', { ...credentials, api_username: 'eve' }, 'Error: invalid username-token pair'],
    ['another case', { ...credentials, api_username: 'Ada' }, 'Error: invalid username-token pair'],
    ['a name that no account can have', { ...credentials, api_username: '\u0000\ud800'.repeat(500) }, 'Error: invalid username-token pair'],
  ])('%s', async (_, fields, text) => {
    expect(await told(await service.ask('/graphs/api/', { json: { ...fields, datasets: [one(requests)] } }))).toEqual([401, text]);
    expect(await service.list(requests)).toEqual([]);
  });

  test('the account of a revoked credential can write nothing', async () => {
    const { createCredentials } = await import('@anyseries/core/server');
    await createCredentials(service.store).revoke('microlog', 'ada');
    expect((await service.write([one(requests)])).status).toBe(401);
  });
});

describe('idempotency keys', () => {
  const key = { 'idempotency-key': '01JBT-0001' };

  test('the same request again is answered the same, and stores nothing', async () => {
    const datasets = [one(requests, 3), { graph: errors }];
    for (let time = 0; time < 3; time++) expect(await told(await service.write(datasets, key))).toEqual([404, 'Graph not found']);
    expect(await service.series(requests)).toEqual([[t0, 3]]);
  });

  test('requests with the same key at the same time store once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.write([one(requests, 3)], key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await service.series(requests)).toEqual([[t0, 3]]);
  });

  test('a key with another body is refused', async () => {
    await service.write([one(requests, 3)], key);
    expect(await told(await service.write([one(requests, 4)], key))).toEqual([409, 'Error: idempotency key reused']);
    expect(await service.series(requests)).toEqual([[t0, 3]]);
  });

  test('a key belongs to one account, and is forgotten after a day', async () => {
    const clock = standingClock();
    const other = await startService({ clock, users: documentUsers });
    await other.write([one(requests, 3)], key);
    const bob = { api_username: 'bob', api_token: 'BoB0BoB0BoB0BoB0BoB0', datasets: [one(bobsGraph)] };
    expect((await other.ask('/graphs/api/', { json: bob, headers: key })).status).toBe(200);
    clock.seconds += 24 * 3600 - 1;
    await other.write([one(requests, 3)], key);
    expect(await other.series(requests)).toEqual([[t0, 3]]);
    clock.seconds += 2;
    await other.write([one(requests, 4)], key);
    expect(await other.series(requests)).toEqual([[t0, 7]]);
    await other.close();
  });

  test('refusals are not remembered', async () => {
    const wrong = { ...credentials, api_token: 'x', datasets: [one(requests)] };
    expect((await service.ask('/graphs/api/', { json: wrong, headers: key })).status).toBe(401);
    expect((await service.write(undefined, key)).status).toBe(500);
    expect((await service.write([one(requests, 3)], key)).status).toBe(200);
  });

  test.each([['with blanks inside'], ['x'.repeat(129)], ['ü']])('what is no key is refused: %s', async (bad) => {
    const body = JSON.stringify({ ...credentials, datasets: [one(requests)] });
    const request = new Request('http://microlog.test/graphs/api/', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'idempotency-key': bad },
    });
    const answer = await createServer({ store: service.store, clock: standingClock() }).fetch(request);
    expect(await told(answer)).toEqual([400, 'Error: bad parameter Idempotency-Key']);
  });
});

describe('bodies', () => {
  const good = JSON.stringify({ ...credentials, datasets: [one(requests)] });
  const json = { 'content-type': 'application/json' };

  test.each([
    ['gzip', gzipSync(good), { ...json, 'content-encoding': 'gzip' }],
    ['deflate', deflateSync(good), { ...json, 'content-encoding': 'deflate' }],
    ['a byte order mark and blanks', Buffer.from(`\ufeff \n${good}`), json],
    ['UTF-16', Buffer.from(good, 'utf16le'), { 'content-type': 'application/json; charset=UTF-16LE' }],
    ['a type in capitals', Buffer.from(good), { 'content-type': 'Application/JSON; charset="utf-8"' }],
  ])('%s is understood', async (_, body, headers) => {
    expect(await told(await service.ask('/graphs/api/', { body: new Uint8Array(body), headers }))).toEqual([200, 'All good']);
    expect(await service.list(requests)).toHaveLength(1);
  });

  test.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ['broken JSON', '{"a":1,}', json, 400, 'Unexpected token } in JSON at position 7'],
    ['a text as JSON', '"abc"', json, 400, 'Unexpected token &quot; in JSON at position 0'],
    ['NaN', '{"a":NaN}', json, 400, 'Unexpected token N in JSON'],
    ['nothing but blanks', '  ', json, 400, 'Unexpected end of JSON input'],
    [
      'another charset',
      good,
      { 'content-type': 'application/json; charset=ISO-8859-1' },
      415,
      'unsupported charset &quot;ISO-8859-1&quot;',
    ],
    [
      'a charset that nobody knows',
      good,
      { 'content-type': 'application/json; charset=utf-99' },
      415,
      'unsupported charset &quot;UTF-99&quot;',
    ],
    ['another coding', good, { ...json, 'content-encoding': 'br' }, 415, 'unsupported content encoding &quot;br&quot;'],
    ['what does not decompress', good, { ...json, 'content-encoding': 'gzip' }, 400, 'the body does not decompress'],
    ['one byte too many', good.padEnd(102_401), json, 413, 'request entity too large'],
    [
      'a small body that inflates to a huge one',
      gzipSync('['.repeat(1e7)),
      { ...json, 'content-encoding': 'gzip' },
      413,
      'request entity too large',
    ],
    ['too many fields', `a&${'b=1&'.repeat(1000)}`, { 'content-type': 'application/x-www-form-urlencoded' }, 413, 'too many parameters'],
  ])('%s is refused', async (_, body, headers, status, message) => {
    const content = typeof body === 'string' ? body : new Uint8Array(body);
    expect(await heading(await service.ask('/graphs/api/', { body: content, headers }))).toEqual([status, message]);
    expect(await service.list(requests)).toEqual([]);
  });

  test('exactly as many bytes as are allowed are taken', async () => {
    expect((await service.ask('/graphs/api/', { body: good.padEnd(102_400), headers: json })).status).toBe(200);
  });

  test('the limit can be raised', async () => {
    const larger = await startService({ users: documentUsers, settings: { bodyBytes: 1_000_000 } });
    const points = Array.from({ length: 20_000 }, (_, i) => ({ time: t0 + (i % 7), count: 1 }));
    expect((await larger.write([{ graph: requests, points }])).status).toBe(200);
    expect((await larger.series(requests)).reduce((sum, [, value]) => sum + (value as number), 0)).toBe(20_000);
    await larger.close();
  });

  test.each([['text/plain'], ['application/vnd.api+json'], [''], ['multipart/form-data; boundary=x']])(
    'a body of the type %j is as good as none',
    async (type) => {
      const answer = await service.ask('/graphs/api/', {
        body: new TextEncoder().encode(good),
        headers: type === '' ? {} : { 'content-type': type },
      });
      expect(await told(answer)).toEqual([401, 'Error: no api token spplied']);
    },
  );
});

describe('a store that fails', () => {
  /** A server over a store that fails from now on. */
  async function failing(code: AnySeriesError['code']): Promise<(request: Request) => Promise<Response>> {
    const fail = async () => {
      throw new AnySeriesError(code, 'the store is away');
    };
    const store: Store = connectToMemory();
    const healthy = await startService({ store, users: documentUsers });
    await healthy.write([one(requests)]);
    return createServer({ store: { ...store, records: { ...store.records, get: fail as never }, transaction: fail as never } }).fetch;
  }

  test.each([
    ['/graphs/api/', { ...credentials, datasets: [one(requests)] }],
    ['/graphs/api/', { datasets: [] }],
    ['/dashboard/new', { graph_name: 'x' }],
  ])('is told before anything else is looked at: %s', async (path, body) => {
    const fetch = await failing('unavailable');
    const headers = { 'content-type': 'application/json', cookie: `token=${'x'.repeat(20)}` };
    const answer = await fetch(new Request(`http://microlog.test${path}`, { method: 'POST', body: JSON.stringify(body), headers }));
    expect(await told(answer)).toEqual([500, 'Server does not have access to the database at this time. Try again later.']);
  });

  test('a commit that may be stored is not answered like one that is not', async () => {
    const store = connectToMemory();
    await startService({ store, users: documentUsers });
    const transaction = async () => {
      throw new AnySeriesError('unknown-outcome', 'who knows');
    };
    const { fetch } = createServer({ store: { ...store, transaction: transaction as never } });
    const body = JSON.stringify({ ...credentials, datasets: [one(requests)] });
    const answer = await fetch(
      new Request('http://microlog.test/graphs/api/', { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
    );
    expect(await heading(answer)).toEqual([503, 'Service Unavailable']);
  });
});
