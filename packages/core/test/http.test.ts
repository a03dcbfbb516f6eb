import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { classifyFailure, classifyResponse, createHttp, createTransport, parseJson, path, readJson, retryAfterMs } from '../src/http.ts';
import { isAnySeriesError, systemClock } from '../src/index.ts';
import { createFakeClock } from './fake-clock.ts';

let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
const server = createServer((request, response) => answer(request, response));
const context = { clock: systemClock, signal: new AbortController().signal };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string; reason?: string }> {
  return work.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  );
}

const transports = [
  ['the pool of Node', undefined],
  ['a given fetch', ((input, init) => fetch(input, init)) as typeof fetch],
] as const;

test.each(transports)('%s sends method, headers and bytes, and gives status, headers and body', async (_, given) => {
  const transport = createTransport({ fetch: given, timeoutMs: 5000 });
  const chunks: Buffer[] = [];
  answer = (request, response) => {
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () =>
      response.writeHead(207, { 'X-Echo': String(request.headers['x-own']) }).end(`${request.method} ${request.url}`),
    );
  };
  const response = await transport.send({ method: 'POST', url: `${url}/a%2Fb`, headers: { 'x-own': 'yes' }, body: 'körper' }, context);
  expect([response.status, response.header('x-echo'), response.text(), Buffer.concat(chunks).toString()]).toEqual([
    207,
    'yes',
    'POST /a%2Fb',
    'körper',
  ]);
  await transport.close();
});

test.each(transports)('%s does not follow redirects', async (_, given) => {
  const transport = createTransport({ fetch: given, timeoutMs: 5000 });
  answer = (_request, response) => response.writeHead(302, { Location: '/elsewhere' }).end();
  expect((await transport.send({ method: 'GET', url, headers: {} }, context)).status).toBe(302);
  await transport.close();
});

test.each(transports)('%s tells a refused connection, a broken answer and a hang apart, without the address', async (_, given) => {
  const transport = createTransport({ fetch: given, timeoutMs: 60 });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const refused = await failureOf(
    transport.send({ method: 'POST', url: `http://127.0.0.1:${port}/?token=secret`, headers: {}, body: 'x' }, context),
  );
  expect([refused.code, refused.reason]).toEqual(['unavailable', 'unsent']);
  expect(classifyFailure(refused)).toMatchObject({ kind: 'retry', ambiguous: false });
  expect(JSON.stringify(refused) + refused.stack).not.toContain('secret');

  answer = (request) => request.socket.destroy();
  const reset = await failureOf(transport.send({ method: 'POST', url, headers: {}, body: 'x' }, context));
  expect(classifyFailure(reset)).toMatchObject({ kind: 'retry', ambiguous: true });

  answer = (_request, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('half');
    setImmediate(() => response.destroy());
  };
  const truncated = await failureOf(transport.send({ method: 'POST', url, headers: {}, body: 'x' }, context));
  expect(classifyFailure(truncated)).toMatchObject({ kind: 'retry', ambiguous: true });

  answer = () => {};
  const hung = await failureOf(transport.send({ method: 'POST', url, headers: {}, body: 'x' }, context));
  expect([hung.code, hung.reason]).toEqual(['timeout', 'timeout']);
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error('enough')));
  expect(
    (await failureOf(transport.send({ method: 'POST', url, headers: {}, body: 'x' }, { ...context, signal: controller.signal }))).message,
  ).toBe('enough');
  server.closeAllConnections();
  await transport.close();
});

test('every status has the verdict of the table', () => {
  const verdict = (status: number, headers: Record<string, string> = {}) => {
    const found = classifyResponse({ status, header: (name) => headers[name], text: () => '' }, 'stored', 0);
    return found.kind === 'retry'
      ? `retry${found.ambiguous ? ' ambiguous' : ''}`
      : found.kind === 'blocked'
        ? `blocked ${found.why}`
        : found.kind;
  };
  for (const status of [200, 201, 202, 204]) expect(verdict(status)).toBe('ok');
  for (const status of [408, 425, 429, 509, 529]) expect(verdict(status)).toBe('retry');
  for (const status of [500, 502, 503, 504, 507, 520, 524, 599]) expect(verdict(status)).toBe('retry ambiguous');
  expect(verdict(200, { 'content-type': 'text/html; charset=utf-8' })).toBe('retry ambiguous');
  expect(verdict(200, { 'content-type': 'application/json' })).toBe('ok');
  expect(verdict(503, { 'retry-after': '2' })).toBe('retry');
  expect(verdict(413)).toBe('too-large');
  for (const status of [401, 403]) expect(verdict(status)).toBe('blocked auth');
  for (const status of [404, 405, 410, 415, 501, 505]) expect(verdict(status)).toBe('blocked config');
  for (const status of [400, 422]) expect(verdict(status)).toBe('bad-batch');
  for (const status of [402, 406, 409, 418, 451, 302]) expect(verdict(status)).toBe('refused');
});

test('Retry-After is read as seconds and as a date, by the clock of the one that sent it', () => {
  expect(retryAfterMs('2', undefined, 0)).toBe(2000);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:10 GMT', 'Thu, 01 Jan 2026 00:00:03 GMT', 5)).toBe(7000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', undefined, 4000)).toBe(6000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', undefined, 40_000)).toBe(0);
  for (const none of [undefined, 'soon', '-1']) expect(retryAfterMs(none, undefined, 0)).toBe(undefined);
});

test('a path encodes its parts and refuses what URLs resolve', () => {
  expect(path`/series/${'a/../b?c#d"e{f}%2e ü'}/data`).toBe('/series/a%2F..%2Fb%3Fc%23d%22e%7Bf%7D%252e%20%C3%BC/data');
  expect(path`/series/${'%2e%2e'}/`).toBe('/series/%252e%252e/');
  for (const part of ['.', '..', '', '\ud800']) expect(() => path`/series/${part}/data`).toThrow(/^path: /);
  expect(() => path`/a/.${'.'}/b`).toThrow(/^path: /);
  for (const part of ['a/b', '...', "it's(*)!", '%2e', 'x..', '\u0001']) {
    expect(new URL(path`/k/${part}/end`, 'http://h').pathname).toBe(path`/k/${part}/end`);
  }
});

test('JSON keeps integers that a double cannot hold, and only those', () => {
  expect(
    parseJson('[9007199254740993, 9007199254740992, 1152921504606846976, 1.2345678901234567, 99999999999999999999999, "9007199254740993"]'),
  ).toEqual([9007199254740993n, 9007199254740992, 2 ** 60, 1.2345678901234567, 1e23, '9007199254740993']);
});

test('an answer that is empty, HTML, cut off or of another form is a protocol error in a few words', async () => {
  const schema = z.object({ points: z.array(z.number()) });
  const read = (text: string) => readJson({ status: 200, text: async () => text }, schema);
  expect(await read('{"points":[1],"more":true}')).toEqual({ points: [1] });
  for (const [text, words] of [
    ['', /empty/],
    ['<html><body><h1>Bad gateway</h1></body></html>', /Bad gateway/],
    ['{"points":[1,', /no JSON/],
    ['{"points":["1"]}', /points\.0/],
    ['null', /another form/],
  ] as const) {
    const error = await failureOf(read(text));
    expect(isAnySeriesError(error) && error.code).toBe('protocol');
    expect(error.message).toMatch(words);
  }
  expect((await failureOf(read('x'.repeat(1e6)))).message.length).toBeLessThan(300);
});

test('a read is retried after what may pass, signed anew for each attempt, and told as the status when it does not', async () => {
  const clock = createFakeClock();
  const statuses = [500, 429, 200];
  const tokens: (string | null)[] = [];
  const http = createHttp({
    url: 'http://backend/base/',
    authorize(request) {
      request.headers.set('authorization', `Bearer ${tokens.length}`);
      return request;
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      tokens.push(request.headers.get('authorization'));
      expect(request.url).toBe('http://backend/base/x?a=1');
      return new Response('{}', { status: statuses[tokens.length - 1] ?? 403, headers: { 'Retry-After': '3' } });
    },
  });
  const ask = { path: '/x', purpose: 'read', search: { a: '1' } } as const;
  const calls = { clock, signal: context.signal };
  expect((await http.request(ask, calls)).status).toBe(200);
  expect(tokens).toEqual(['Bearer 0', 'Bearer 1', 'Bearer 2']);
  expect((await failureOf(http.request(ask, calls))).code).toBe('forbidden');
  expect(tokens).toHaveLength(4);
});

test('a POST that is not idempotent is not sent again after a doubtful failure', async () => {
  let sent = 0;
  const http = createHttp({
    url: 'http://backend',
    fetch: async () => {
      sent++;
      return new Response('', { status: 502 });
    },
  });
  expect(
    (
      await failureOf(
        http.request({ method: 'POST', path: '/', purpose: 'manage', json: {} }, { clock: createFakeClock(), signal: context.signal }),
      )
    ).code,
  ).toBe('unavailable');
  expect(sent).toBe(1);
});

test('expired credentials are renewed once', async () => {
  const asked: boolean[] = [];
  const http = createHttp({
    url: 'http://backend',
    refreshable: true,
    authorize(request, _, refresh) {
      asked.push(refresh);
      return request;
    },
    fetch: async () => new Response('', { status: 401 }),
  });
  expect((await failureOf(http.request({ path: '/', purpose: 'read' }, context))).code).toBe('unauthenticated');
  expect(asked).toEqual([false, true]);
});
