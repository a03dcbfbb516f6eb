import { AnySeriesError } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, type LogEntry, startGateway } from '../src/index.ts';
import { loggedPath } from '../src/log.ts';
import { claimOf, madeUp } from './made-up.ts';
import { exchange, message, open } from './raw.ts';

const secret = 'marker-5ecret';
let now = Date.UTC(2026, 0, 1);
const clock = { now: () => now, setTimer: () => () => {} };

const protocol = madeUp({
  id: 'made-up',
  claim: ({ target, headers }) => {
    if (target.startsWith('/claim')) throw new Error(`no claim for ${headers.get('authorization')}`);
    return claimOf();
  },
  fetch: async (request, { target }) => {
    const body = await request.text();
    if (target.startsWith('/parse')) JSON.parse(body);
    if (target.startsWith('/throw'))
      throw new Error(`cannot take\n    at ${body} ${request.headers.get('authorization')}`, { cause: body });
    if (target.startsWith('/ours')) throw new AnySeriesError('full', 'the disk is full');
    if (target.startsWith('/odd')) throw `a text with ${body}`;
    return new Response('{"ok":true}', { status: target.startsWith('/no') ? 403 : 200, headers: { 'content-type': 'application/json' } });
  },
});

const entries: LogEntry[] = [];
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    store: 'memory:',
    port: 0,
    protocols: [protocol],
    clock,
    log: (entry) => entries.push(entry),
    projects: [{ name: 'second' }],
    credentials: [{ protocol: 'made-up', key: 'known', secret }],
  });
});
afterAll(() => gateway.close());

/** A request with secrets wherever they may be; what it is answered, and what the log says of it. */
async function ask(path: string, method = 'POST'): Promise<{ answer: string; logged: LogEntry[] }> {
  entries.length = 0;
  const head = `${method} ${path} HTTP/1.1\nHost: x\nConnection: close\nAuthorization: Basic ${secret}\nCookie: ${secret}\nContent-Length: ${secret.length}`;
  const answer = await exchange(gateway.url, message(head, secret));
  while (!entries.some((entry) => entry.message === 'request')) await new Promise(setImmediate);
  return { answer, logged: [...entries] };
}

test('a request is one entry of the log', async () => {
  const { logged } = await ask(`/series/room%201?token=${secret}`);
  expect(logged).toEqual([
    {
      time: '2026-01-01T00:00:00.000Z',
      level: 'info',
      message: 'request',
      protocol: 'made-up',
      method: 'POST',
      path: '/series/room%201',
      status: 200,
      durationMs: expect.any(Number),
      bytesIn: secret.length,
      bytesOut: 11,
      remoteAddress: '127.0.0.1',
    },
  ]);
});

test.each([
  ['/throw', { protocol: 'made-up', error: 'Error' }],
  ['/claim', { protocol: 'gateway', error: 'Error' }],
  ['/parse', { error: 'SyntaxError' }],
  ['/odd', { error: 'string' }],
  ['/ours', { error: 'AnySeriesError', code: 'full', problem: 'the disk is full' }],
])('a protocol server that fails (%s) is a 500 without content, and logged without secrets', async (path, told) => {
  const { answer, logged } = await ask(path);
  expect(answer).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n(?:[^\r]+\r\n)*Content-Length: 0\r\n/);
  expect(logged[0]).toMatchObject({ level: 'error', message: 'a protocol server failed', ...told });
  expect(logged[1]).toMatchObject({ level: 'error', message: 'request', status: 500 });
  if (path === '/throw') expect(logged[0]).toMatchObject({ at: expect.arrayContaining([expect.stringContaining('watching.test.ts')]) });
  expect(JSON.stringify(logged)).not.toContain(secret);
});

test('nothing of a request that may be secret is in the log, whatever becomes of the request', async () => {
  for (const path of [
    `/x?${secret}`,
    `/x#${secret}`,
    `/x%3Ftoken=${secret}`,
    `/x;token=${secret}`,
    `/x&api_key=${secret}/y`,
    `/no/secret%3D${secret}`,
  ]) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'TRACE'])
      expect(JSON.stringify((await ask(path, method)).logged)).not.toContain(secret);
  }
});

test.each([
  ['/a/b?c', '/a/b'],
  ['/a#b', '/a'],
  ['/v1/series/key/token/data/', '/v1/series/key/token/data/'],
  ['/v1/token=abc/x', '/v1/token=***/x'],
  ['/v1;access_token=abc&x=y', '/v1;access_token=***&x=y'],
])('the path %s is logged as %s', (target, path) => {
  expect(loggedPath(target)).toBe(path);
});

test('a client that goes before its answer is logged without a status, and the protocol server is told', async () => {
  const arrived = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<Response>();
  const slow = madeUp({
    id: 'slow',
    claim: () => claimOf(),
    fetch: ({ signal }) => {
      arrived.resolve();
      signal.addEventListener('abort', () => leave.resolve(new Response('nobody waits')));
      return leave.promise;
    },
  });
  const logged = Promise.withResolvers<LogEntry>();
  const log = (entry: LogEntry) => entry.message === 'request' && logged.resolve(entry);
  const other = await startGateway({ store: 'memory:', port: 0, protocols: [slow], log });
  const connection = await open(other.url);
  connection.send(message('GET /x HTTP/1.1\nHost: x'));
  await arrived.promise;
  connection.socket.destroy();
  expect(await logged.promise).toMatchObject({ status: null, cutOff: true, bytesOut: 0 });
  await leave.promise;
  await other.close();
});

test('the metrics count requests by protocol, kind and status, and bytes, and durations', async () => {
  await ask('/a');
  await ask('/no');
  await exchange(gateway.url, 'nonsense\r\n\r\n');
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  expect(value('anyseries_gateway_requests_total{protocol="made-up",kind="write",status="403"}')).toBeGreaterThan(0);
  expect(value('anyseries_gateway_requests_total{protocol="made-up",kind="write",status="200"}')).toBeGreaterThan(0);
  expect(value('anyseries_gateway_refused_total{reason="400"}')).toBe(1);
  const requests = value('anyseries_gateway_request_seconds_count{protocol="made-up"}');
  expect(value('anyseries_gateway_request_seconds_bucket{protocol="made-up",le="+Inf"}')).toBe(requests);
  expect(value('anyseries_gateway_received_bytes_total{protocol="made-up"}') % secret.length).toBe(0);
  expect(value('anyseries_gateway_sent_bytes_total{protocol="made-up"}')).toBeGreaterThan(0);
  expect(value('anyseries_gateway_requests_in_flight')).toBe(1);
  expect(value('anyseries_gateway_connections')).toBeGreaterThan(0);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? [\d.e+-]+)$/);
});

test('the page tells version, uptime, protocols and the number of projects, and loads nothing', async () => {
  now += 26 * 3_600_000;
  const answer = await fetch(`${gateway.url}/-/`);
  const page = await answer.text();
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page).toContain('up for 1 d 2 h 0 min');
  expect(page).toContain('projects: 2');
  expect(page).toContain('Made up made-up<td><code>/made-up</code>');
  expect(page).not.toMatch(/https?:|src=/);
  expect(page).not.toContain(secret);
});

test('the page escapes what protocols call themselves', async () => {
  const odd = { ...madeUp({ id: 'odd' }), title: '<script>alert("x")</script>' };
  const other = await startGateway({ store: 'memory:', port: 0, protocols: [odd], log: { level: 'silent' } });
  expect(await (await fetch(`${other.url}/-/`)).text()).not.toContain('<script>');
  await other.close();
});

test("the pages take GET and HEAD alone, and what is no page below /-/ is nobody's", async () => {
  for (const path of ['/health', '/metrics', '/-/']) {
    const refused = await fetch(gateway.url + path, { method: 'POST', body: 'x' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await exchange(gateway.url, message(`HEAD ${path} HTTP/1.0`));
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
  }
  expect((await fetch(`${gateway.url}/-/nothing`)).status).toBe(404);
  expect(await (await fetch(`${gateway.url}/health?probe`)).json()).toEqual({ status: 'ok' });
});

test('without pages there is only the health', async () => {
  const none = madeUp({ id: 'none' });
  const other = await startGateway({ store: 'memory:', port: 0, protocols: [none], pages: false, log: { level: 'silent' } });
  const statuses = await Promise.all(['/health', '/metrics', '/-/'].map(async (path) => (await fetch(other.url + path)).status));
  expect(statuses).toEqual([200, 404, 404]);
  await other.close();
});

test('the health fails when the store does', async () => {
  const store = connect();
  const other = await startGateway({ store, port: 0, protocols: [], log: { level: 'silent' } });
  await store.close();
  const answer = await fetch(`${other.url}/health`);
  expect([answer.status, await answer.json()]).toEqual([503, { status: 'the store does not answer' }]);
  await other.close();
});
