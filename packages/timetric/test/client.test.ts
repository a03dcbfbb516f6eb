import { isAnySeriesError } from '@anyseries/core';
import { createTokenStore } from '@anyseries/core/provider';
import { startGateway } from '@anyseries/gateway';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient, type RequestToken, type TimetricClient, type TimetricSettings } from '../src/index.ts';
import { alice, consumer, type Service, startService, token } from './server-fixture.ts';

let service: Service;
let requests: Request[];
/** Answers instead of the server, one each. */
let faults: (() => Response | Promise<Response>)[];

beforeEach(async () => {
  service = await startService({ hasPasswords: true });
  requests = [];
  faults = [];
});
afterEach(() => service.close());

const oauth = { consumerKey: consumer.key, consumerSecret: consumer.secret };
const access = { token: token.key, tokenSecret: token.secret };

async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  requests.push(request.clone() as Request);
  const fault = faults.shift();
  return fault === undefined ? service.server.fetch(request) : fault();
}

function open(settings: TimetricSettings = { ...oauth, ...access }): TimetricClient {
  const { clock } = service;
  return createClient({
    url: 'http://timetric.test',
    fetch: fetch as typeof globalThis.fetch,
    clock: { ...clock, setTimer },
    retry,
    ...settings,
  });
}

const retry = { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 1 };
/** Waiting takes no time here, and nothing is late. */
const setTimer = (callback: () => void, ms: number) => {
  if (ms < 100) queueMicrotask(callback);
  return () => {};
};

/** The user in front of a browser: logs in, looks at the page and approves; answers where that leads. */
async function approve(url: string): Promise<URL> {
  const target = url.slice('http://timetric.test'.length);
  const login = await service.ask('POST', '/login/', { body: new URLSearchParams({ user: alice.user, password: alice.password }) });
  const headers = { cookie: login.headers.getSetCookie()[0]!.split(';')[0]! };
  await service.ask('GET', target, { headers });
  const answer = await service.ask('POST', target, { headers, body: new URLSearchParams({ authorize_access: 'on' }) });
  return new URL(answer.headers.get('location') ?? `about:blank?page=${encodeURIComponent(answer.text)}`);
}

describe('the three steps', () => {
  test('by 1.0a, with a callback', async () => {
    const client = open(oauth);
    await expect(client.search({ user: 'me' })).rejects.toMatchObject({ code: 'unauthenticated' });
    const requested = await client.getRequestToken({ callback: 'https://app.example/done' });
    expect(requested).toMatchObject({ version: '1.0a', callback: 'https://app.example/done' });
    const { url, token: same } = await client.getAuthorizeUrl(requested);
    expect([url, same]).toEqual([`http://timetric.test/oauth/authorize/?oauth_token=${requested.key}`, requested]);
    const { searchParams } = await approve(url);
    const got = await client.getAccessToken(requested, searchParams.get('oauth_verifier')!);
    expect(await client.search({ user: 'me' })).toEqual({ total: 0, series: [] });
    expect(await open({ ...oauth, token: got.key, tokenSecret: got.secret }).search()).toEqual({ total: 0, series: [] });
  });

  test('by 1.0a, out of band, the token included', async () => {
    const client = open(oauth);
    const { url, token: requested } = await client.getAuthorizeUrl();
    const page = (await approve(url)).searchParams.get('page')!;
    await client.getAccessToken(requested, ` ${/<code>(\w+)<\/code>/.exec(page)![1]} `);
    expect(await client.search()).toEqual({ total: 0, series: [] });
  });

  test('by 1.0, where the service does not confirm the callback', async () => {
    const client = open(oauth);
    faults.push(() => new Response('oauth_token_secret=s&oauth_token=t'));
    const requested = await client.getRequestToken({ callback: 'https://app.example/done' });
    expect(requested).toEqual({ key: 't', secret: 's', version: '1.0', callback: 'https://app.example/done' });
    const { url } = await client.getAuthorizeUrl(requested);
    expect(url).toBe('http://timetric.test/oauth/authorize/?oauth_token=t&oauth_callback=https%3A%2F%2Fapp.example%2Fdone');
    faults.push(() => new Response('oauth_token=k&oauth_token_secret=s2'));
    expect(await client.getAccessToken(requested)).toEqual({ key: 'k', secret: 's2' });
    expect(requests[1]!.headers.get('authorization')).not.toContain('verifier');
  });

  test('by 1.0, where that is asked for', async () => {
    const client = open(oauth);
    const requested = await client.getRequestToken({ version: '1.0', callback: 'https://app.example/done?a=b' });
    const { url } = await client.getAuthorizeUrl(requested);
    expect((await approve(url)).href).toBe(`https://app.example/done?a=b&oauth_token=${requested.key}`);
    await client.getAccessToken(requested);
    expect(await client.search()).toEqual({ total: 0, series: [] });
  });

  test('keep the token for the next run', async () => {
    const tokenStore = createTokenStore();
    const client = open({ ...oauth, tokenStore });
    const requested = await client.getRequestToken({ version: '1.0', callback: 'https://app.example/' });
    await approve((await client.getAuthorizeUrl(requested)).url);
    await client.getAccessToken(requested);
    expect(await open({ ...oauth, tokenStore }).search()).toEqual({ total: 0, series: [] });
    await expect(open({ ...oauth, consumerKey: 'another', tokenStore }).search()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('tell what is wrong, and no secret', async () => {
    const client = open(oauth);
    const requested = await client.getRequestToken();
    await expect(client.getAccessToken(requested)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('oauth_verifier'),
    });
    await expect(client.getAccessToken(requested, 'x')).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('401'),
    });
    await expect(client.getAccessToken({} as RequestToken)).rejects.toMatchObject({ code: 'invalid' });
    await expect(client.getRequestToken({ callback: 'nowhere' })).rejects.toMatchObject({
      message: expect.stringContaining('Invalid callback URL'),
    });
    faults.push(() => new Response('oauth_token_secret=geheim'));
    const error = await client.getRequestToken().catch((caught: Error) => caught);
    expect(isAnySeriesError(error) && error.code).toBe('protocol');
    expect(String(error)).not.toContain('geheim');
    await expect(open({ key: alice.key, secret: alice.secret }).getRequestToken()).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('of an access token are not repeated blindly', async () => {
    const client = open(oauth);
    const requested = await client.getRequestToken();
    requests = [];
    faults.push(() => new Response('', { status: 502 }));
    await expect(client.getAccessToken(requested, 'x')).rejects.toMatchObject({ code: 'unavailable' });
    expect(requests).toHaveLength(1);
  });
});

describe('a program on a command line', () => {
  async function gatewayWithApplication() {
    const gateway = await startGateway({
      store: 'memory:',
      port: 0,
      protocols: ['timetric'],
      log: { level: 'silent' },
      credentials: [
        { protocol: 'timetric', user: alice.user, password: alice.password, consumerKey: consumer.key, consumerSecret: consumer.secret },
      ],
    });
    return gateway;
  }

  /** A browser that follows where it is sent, and answers the page with these fields. */
  async function browse(url: string, fields: Record<string, string>): Promise<string> {
    const origin = new URL(url).origin;
    const login = await globalThis.fetch(`${origin}/login/`, {
      method: 'POST',
      body: new URLSearchParams({ user: alice.user, password: alice.password }),
      redirect: 'manual',
    });
    const headers = { cookie: login.headers.getSetCookie()[0]!.split(';')[0]! };
    await globalThis.fetch(url, { headers });
    const answer = await globalThis.fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });
    return (await globalThis.fetch(answer.headers.get('location')!)).text();
  }

  test('listens for the callback and has the token, after one call', async () => {
    const gateway = await gatewayWithApplication();
    await using client = createClient({ url: gateway.url, ...oauth });
    let page = '';
    const got = await client.authorize({
      async open(url) {
        page = await browse(url, { authorize_access: 'on' });
      },
    });
    expect(page).toBe('Thank you. You can close this page.');
    expect(got.key).toMatch(/^\w{16}$/);
    expect((await client.createSeries({ title: 't', caption: 'c' })).id).toMatch(/^[\w-]{22}$/);
    await gateway.close();
  });

  test('is told when the user refuses', async () => {
    const gateway = await gatewayWithApplication();
    await using client = createClient({ url: gateway.url, ...oauth });
    const asked = client.authorize({ open: async (url) => void (await browse(url, { submit: 'Submit' })) });
    await expect(asked).rejects.toMatchObject({ code: 'forbidden', message: 'the user has refused access' });
    await gateway.close();
  });

  test('a forged callback is refused, and the true one still counts', async () => {
    const gateway = await gatewayWithApplication();
    await using client = createClient({ url: gateway.url, ...oauth });
    const statuses: number[] = [];
    await client.authorize({
      async open(url) {
        const listed = new URL(url).searchParams.get('oauth_token')!;
        // the port is no secret, the path is
        const callback = await callbackOf(url);
        for (const forged of [
          `${callback.origin}/?oauth_token=${listed}&oauth_verifier=x`,
          `${callback.href}?oauth_token=another&oauth_verifier=x`,
          `${callback.href}?oauth_token=${listed}`,
          callback.href,
        ])
          statuses.push((await globalThis.fetch(forged)).status);
        await browse(url, { authorize_access: 'on' });
      },
    });
    expect(statuses).toEqual([404, 404, 404, 404]);
    await gateway.close();
  });

  test('waits no longer than it was told to, and ends when it is told to', async () => {
    const gateway = await gatewayWithApplication();
    await using client = createClient({ url: gateway.url, ...oauth });
    await expect(client.authorize({ open: () => {}, timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    const controller = new AbortController();
    await expect(client.authorize({ open: () => controller.abort(), signal: controller.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    await gateway.close();
  });

  /** Where the browser will be sent, as the page says. */
  async function callbackOf(url: string): Promise<URL> {
    const { origin } = new URL(url);
    const login = await globalThis.fetch(`${origin}/login/`, {
      method: 'POST',
      body: new URLSearchParams({ user: alice.user, password: alice.password }),
      redirect: 'manual',
    });
    const headers = { cookie: login.headers.getSetCookie()[0]!.split(';')[0]! };
    const page = await (await globalThis.fetch(url, { headers })).text();
    return new URL(`http://${/go on to <strong>([^<]+)</.exec(page)![1]}/`);
  }
});

describe('requests', () => {
  test('are signed anew for each attempt', async () => {
    const client = open();
    faults.push(
      () => new Response('', { status: 503 }),
      () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) })),
    );
    expect(await client.search()).toEqual({ total: 0, series: [] });
    const nonces = requests.map(({ headers }) => /oauth_nonce="(\w+)"/.exec(headers.get('authorization')!)![1]);
    expect(new Set(nonces).size).toBe(3);
    const signatures = requests.map(({ headers }) => /oauth_signature="([^"]+)"/.exec(headers.get('authorization')!)![1]);
    expect(new Set(signatures).size).toBe(3);
  });

  test('that could count twice are not repeated blindly', async () => {
    const client = open();
    const series = await client.createSeries({ title: 't', caption: 'c', data: [[1000, 1]] });
    for (const write of [
      () => series.update(1),
      () => series.increment(1),
      () => series.delete(),
      () => client.createSeries({ title: 't', caption: 'c' }),
    ]) {
      requests = [];
      faults.push(() => new Response('', { status: 502 }));
      await expect(write()).rejects.toMatchObject({ code: 'unavailable' });
      expect(requests).toHaveLength(1);
    }
    for (const write of [() => series.update([[1000, 2]]), () => series.rewrite('1,3\n'), () => series.update('2,4\n')]) {
      requests = [];
      faults.push(() => new Response('', { status: 502 }));
      await write();
      expect(requests).toHaveLength(2);
    }
    expect(await series.csv()).toBe('1.0,3.0\n2.0,4.0\n');
  });

  test('say each parameter once, in one place', async () => {
    const client = open({ key: alice.key, secret: alice.secret });
    const series = await client.createSeries({ title: 't', caption: 'c' });
    requests = [];
    await series.update(14.5);
    expect(new URL(requests[0]!.url).search).toBe('');
    expect(await requests[0]!.text()).toBe('value=14.5');
  });

  test('fail as what the status says, with what the service said', async () => {
    const client = open();
    const series = client.series('Pw6b-mLBTX-bPuH_vgilfQ');
    await expect(series.latest()).rejects.toMatchObject({ code: 'not-found', message: 'status 404: No such series.' });
    const own = await client.createSeries({ title: 't', caption: 'c' });
    await expect(own.rewrite('x,1')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('Line 1: cannot read timestamp "x".'),
    });
    const wrong = open({ key: alice.key, secret: 'geheim' });
    const error = await wrong.search().catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'unauthenticated', message: 'status 401: Invalid API token.' });
    expect(JSON.stringify(error)).not.toContain('geheim');
  });

  test('end with the client', async () => {
    const client = open();
    await client.close();
    await expect(client.search()).rejects.toMatchObject({ code: 'closed' });
  });

  test('that are aborted end as aborted', async () => {
    const client = open();
    await expect(client.search({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('data', () => {
  test('may be rows, a text, a file, or a stream of bytes or of rows', async () => {
    const client = open();
    const bytes = new TextEncoder().encode('7,7\n8,8');
    async function* later() {
      yield [new Date(9000), 9] as const;
      yield { time: '1970-01-01T00:00:10Z', value: null };
    }
    const series = await client.createSeries({ title: 't', caption: 'c', data: new Map([[1000, 1]]) });
    await series.update([{ time: 2000, value: true }]);
    await series.update('3,3\r\n4,false');
    await series.update(new Blob(['5,5\n', '6,6\n']));
    await series.update(new Blob([bytes]).stream());
    await series.update(later());
    expect((await Array.fromAsync(series)).map(({ time, value }) => [time / 1000, value])).toEqual([
      [1, 1],
      [2, true],
      [3, 3],
      [4, false],
      [5, 5],
      [6, 6],
      [7, 7],
      [8, 8],
      [9, 9],
      [10, null],
    ]);
  });

  test('go in pieces of whole lines, however they come', async () => {
    const client = open();
    const series = await client.createSeries({ title: 't', caption: 'c' });
    requests = [];
    const lines = Array.from({ length: 100_000 }, (_, i) => `${i}.25,${i}\n`);
    const bytes = new TextEncoder().encode(lines.join(''));
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 77_777) controller.enqueue(bytes.slice(at, at + 77_777));
        controller.close();
      },
    });
    await series.update(chunks);
    expect(requests.length).toBe(2);
    for (const request of requests) expect(await request.text()).toMatch(/^(?:\d+\.25,\d+\n)+$/);
    requests = [];
    await series.update(Array.from({ length: 25_000 }, (_, i) => [-1 - i, i] as const));
    expect(requests.length).toBe(3);
    expect((await Array.fromAsync(series.rows())).length).toBe(125_000);
  });

  test('that are none are refused by name, before anything is sent', async () => {
    const client = open();
    const series = client.series('Pw6b-mLBTX-bPuH_vgilfQ');
    for (const [data, message] of [
      [undefined, 'data: undefined is no finite number, no boolean and not null'],
      [Number.NaN, 'data: NaN is no finite number'],
      [{}, 'data: an object is no number, no rows'],
      [[1, 2], 'data[0]: 1 is no pair of a time and a value'],
      [[[1, 2, 3]], 'data[0]: an array is no pair'],
      [
        [
          [1, 2],
          ['noon', 2],
        ],
        'data[1].time: "noon" is no ISO 8601 time',
      ],
      [[[1, 'x']], 'data[0].value: "x" is no finite number'],
      [[{ time: 1, value: 5n }], 'data[0].value: 5n is no finite number'],
    ] as const)
      await expect(series.update(data as never)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(message) });
    await expect(series.increment('1' as never)).rejects.toMatchObject({ message: expect.stringContaining('amount') });
    expect(() => client.series('')).toThrow('id');
    for (const fields of [
      {},
      { title: 't' },
      { title: ' ', caption: 'c' },
      { title: 't', caption: 'c', tags: ['a,b'] },
      { title: 't', caption: 'c', latitude: 'x' },
    ])
      await expect(client.createSeries(fields as never)).rejects.toMatchObject({ code: 'invalid' });
    expect(requests).toEqual([]);
  });

  test('times are absolute, whatever zone the machine is in', async () => {
    const series = await open().createSeries({ title: 't', caption: 'c' });
    const noon = Date.UTC(2009, 6, 1, 12);
    for (const time of [noon, new Date(noon), '2009-07-01T12:00:00Z', '2009-07-01T14:00:00+02:00']) {
      requests = [];
      await series.rewrite([[time, 1]]);
      expect(await requests[0]!.text()).toBe('1246449600.0,1.0\n');
    }
  });
});

test('a service that tells nothing of a new series is told of', async () => {
  faults.push(() => new Response(null, { status: 204 }));
  const created = open().createSeries({ title: 't', caption: 'c' });
  await expect(created).rejects.toMatchObject({ code: 'protocol', message: expect.stringContaining('does not say where it is') });
});

test.each([302, 303])('a redirect (%i) is read and not followed', async (status) => {
  faults.push(() => new Response(null, { status, headers: { location: 'https://timetric.com/series/--86fpHQT2uMKl1-Cx-TxA/' } }));
  expect((await open().createSeries({ title: 't', caption: 'c' })).id).toBe('--86fpHQT2uMKl1-Cx-TxA');
  expect(requests).toHaveLength(1);
});
