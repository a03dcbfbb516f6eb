import { afterEach, expect, test } from 'vitest';
import { type Gateway, type GatewayOptions, startGateway } from '../src/index.ts';
import { claimOf, madeUp } from './made-up.ts';
import { exchange, message, open } from './raw.ts';

const running: Gateway[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.close()));
});

let bodies: string[] = [];
const sink = madeUp({
  id: 'sink',
  claim: () => claimOf({ known: true }),
  fetch: async (request) => {
    bodies.push(await request.text());
    return new Response(null);
  },
});

async function start(options: GatewayOptions = {}): Promise<string> {
  bodies = [];
  const gateway = await startGateway({ store: 'memory:', port: 0, protocols: [sink], log: { level: 'silent' }, ...options });
  running.push(gateway);
  return gateway.url;
}

function status(answer: string): string {
  return /^HTTP\/1\.1 (\d+)/.exec(answer)![1]!;
}

test('a body of exactly the limit passes, declared or in chunks', async () => {
  const url = await start({ limits: { bodyBytes: 5 } });
  expect(status(await exchange(url, message('POST /x HTTP/1.0\nContent-Length: 5', 'abcde')))).toBe('200');
  const chunked = message('POST /x HTTP/1.1\nHost: x\nConnection: close\nTransfer-Encoding: chunked', '5\r\nabcde\r\n0\r\n\r\n');
  expect(status(await exchange(url, chunked))).toBe('200');
  expect(bodies).toEqual(['abcde', 'abcde']);
});

test.each([
  ['declares too much', message('POST /x HTTP/1.1\nHost: x\nContent-Length: 6')],
  ['declares too much and sends it', message('POST /x HTTP/1.1\nHost: x\nContent-Length: 6', 'abcdef')],
  ['asks for leave to send too much', message('POST /x HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 6')],
  ['sends too much in chunks', message('POST /x HTTP/1.1\nHost: x\nTransfer-Encoding: chunked', '6\r\nabcdef\r\n')],
])('a request that %s gets 413 at once, nothing is passed on, and the connection is closed', async (_, request) => {
  const url = await start({ limits: { bodyBytes: 5 } });
  const connection = await open(url);
  connection.send(request);
  const answer = await connection.until(/\r\n\r\n/);
  expect(answer).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\nDate: [^\r]+\r\nContent-Length: 0\r\nConnection: close\r\n\r\n$/);
  connection.socket.end();
  expect(await connection.toEnd()).toBe(answer);
  expect(bodies).toEqual([]);
});

test('a client that sends everything before it reads gets to read its 413', async () => {
  const url = await start({ limits: { bodyBytes: 1000 } });
  const connection = await open(url);
  connection.socket.pause();
  connection.send(message('POST /x HTTP/1.1\nHost: x\nContent-Length: 500000'));
  for (let sent = 0; sent < 500_000; sent += 5000) {
    connection.send('x'.repeat(5000));
    await new Promise(setImmediate);
  }
  connection.socket.resume();
  expect(status(await connection.toEnd())).toBe('413');
});

test('bodies that are held together have a limit, too', async () => {
  const url = await start({ limits: { bodyBytes: 100, heldBytes: 150 } });
  const first = await open(url);
  first.send(message('POST /x HTTP/1.1\nHost: x\nContent-Length: 100', 'a'.repeat(99)));
  await untilHeld(url, 99);
  const second = await exchange(url, message('POST /x HTTP/1.1\nHost: x\nContent-Length: 60', 'b'.repeat(60)));
  expect(second).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 1\r\n/);
  first.send('a');
  expect(status(await first.until(/\r\n\r\n/))).toBe('200');
  first.socket.destroy();
  expect(status(await exchange(url, message('POST /x HTTP/1.0\nContent-Length: 100', 'c'.repeat(100))))).toBe('200');
});

/** Asks until a request is refused because so much is held by others. */
async function untilHeld(url: string, bytes: number): Promise<void> {
  const length = 150 - bytes + 1;
  while (status(await exchange(url, message(`POST /x HTTP/1.0\nContent-Length: ${length}`, 'd'.repeat(length)))) !== '503');
}

test('headers beyond the limit get 431', async () => {
  const url = await start({ limits: { headerBytes: 2000 } });
  const answer = await exchange(url, message(`GET /x HTTP/1.1\nHost: x\nX-Long: ${'x'.repeat(3000)}`));
  expect(answer).toBe('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
});

test('connections beyond the limit are closed', async () => {
  const url = await start({ limits: { connections: 1 } });
  const first = await open(url);
  expect(await (await open(url)).toEnd()).toBe('');
  first.socket.destroy();
});

test.each([
  ['nothing', ''],
  ['half a head', 'GET /x HTTP/1.1\r\nHost:'],
  ['half a body', message('POST /x HTTP/1.1\nHost: x\nContent-Length: 10', 'abc')],
  ['half a chunk', message('POST /x HTTP/1.1\nHost: x\nTransfer-Encoding: chunked', 'a\r\nabc')],
])('a client that sends %s and then waits gets 408, and nothing is passed on', async (_, part) => {
  const url = await start({ timeouts: { headersMs: 60, requestMs: 90 } });
  const connection = await open(url);
  connection.send(part);
  expect(await connection.toEnd()).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  expect(bodies).toEqual([]);
});

test('a client that sends one byte after another gets 408, too', async () => {
  const url = await start({ timeouts: { headersMs: 60, requestMs: 90 } });
  const connection = await open(url);
  const drip = setInterval(() => connection.socket.write('x'), 5);
  connection.send('GET /x HTTP/1.1\r\nX: ');
  expect(status(await connection.toEnd())).toBe('408');
  clearInterval(drip);
});

test('a body that is cut off is not passed on', async () => {
  const url = await start();
  for (const part of ['{"a":1}', '']) {
    const connection = await open(url);
    connection.send(message('POST /x HTTP/1.1\nHost: x\nContent-Length: 100', part));
    connection.socket.end();
    expect(await connection.toEnd()).toMatch(/^(?:HTTP\/1\.1 400 Bad Request\r\n.*)?/);
  }
  expect(bodies).toEqual([]);
});

test('an idle connection is closed', async () => {
  const url = await start({ timeouts: { keepAliveMs: 30 } });
  const connection = await open(url);
  connection.send(message('GET /x HTTP/1.1\nHost: x'));
  expect(status(await connection.toEnd())).toBe('200');
});

test('an answer that takes too long is a 504, ends the connection, and the protocol server is told', async () => {
  const aborted = Promise.withResolvers<void>();
  const never = madeUp({
    id: 'never',
    claim: () => claimOf(),
    fetch: ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      return new Promise(() => {});
    },
  });
  const url = await start({ protocols: [never], timeouts: { handlingMs: 20, stopMs: 20 } });
  const answer = await exchange(url, message('POST /x HTTP/1.1\nHost: x\nContent-Length: 1', 'x'));
  expect(answer).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\nDate: [^\r]+\r\nContent-Length: 0\r\nConnection: close\r\n\r\n$/);
  await aborted.promise;
});

test('a client that does not read its answer is let go', async () => {
  const large = madeUp({ id: 'large', claim: () => claimOf(), fetch: () => new Response(new Uint8Array(50_000_000)) });
  const url = await start({ protocols: [large], timeouts: { idleMs: 50, handlingMs: 500, stopMs: 60_000 } });
  const connection = await open(url);
  connection.send(message('GET /x HTTP/1.1\nHost: x'));
  expect(status(await connection.until(/\r\n\r\n/))).toBe('200');
  connection.socket.pause();
  await running.pop()!.close();
  connection.socket.resume();
  expect((await connection.toEnd()).length).toBeLessThan(50_000_000);
});

test('an address that asks too often gets 429 and is told when to come back', async () => {
  let now = 1_000_000;
  const clock = { now: () => now, setTimer: () => () => {} };
  const url = await start({ clock, rateLimit: { perSecond: 0.5, burst: 2 } });
  const ask = () => exchange(url, message('GET /x HTTP/1.0'));
  expect([await ask(), await ask()].map(status)).toEqual(['200', '200']);
  expect(await ask()).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nRetry-After: 2\r\n[\s\S]*Content-Length: 0\r\n/);
  now += 1999;
  expect(await ask()).toMatch(/^HTTP\/1\.1 429[\s\S]*Retry-After: 1\r\n/);
  now += 1;
  expect([await ask(), await ask()].map(status)).toEqual(['200', '429']);
});

test('behind a proxy that is trusted, the rate is that of each client', async () => {
  const clock = { now: () => 0, setTimer: () => () => {} };
  const limited = { clock, rateLimit: { perSecond: 1, burst: 1 } };
  const ask = (url: string, forwarded: string) => exchange(url, message(`GET /x HTTP/1.0\nX-Forwarded-For: ${forwarded}`)).then(status);
  const trusting = await start({ ...limited, trustedProxies: ['127.0.0.0/8', '10.1.1.1'] });
  expect(await ask(trusting, '198.51.100.1')).toBe('200');
  expect(await ask(trusting, '198.51.100.2, 10.1.1.1')).toBe('200');
  expect(await ask(trusting, '203.0.113.9, 198.51.100.2')).toBe('429');
  expect(await ask(trusting, '2001:db8:0:1::1')).toBe('200');
  expect(await ask(trusting, '2001:db8:0:1:ffff::2')).toBe('429');
  expect(await ask(trusting, '2001:db8:0:2::1')).toBe('200');
  const wary = await start(limited);
  expect(await ask(wary, '198.51.100.1')).toBe('200');
  expect(await ask(wary, '198.51.100.2')).toBe('429');
});
