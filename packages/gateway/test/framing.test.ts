import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, type LogEntry, startGateway } from '../src/index.ts';
import { claimOf, madeUp } from './made-up.ts';
import { exchange, message, open } from './raw.ts';

const answers: Readonly<Record<string, () => Response>> = {
  null: () => new Response(null),
  text: () => new Response(''),
  json: () => new Response('{"a":1}', { headers: { 'content-type': 'application/json' } }),
  measured: () => new Response(null, { headers: { 'content-length': '7' } }),
  multi: () => new Response('{}', { status: 207, headers: { 'content-type': 'application/json' } }),
  none: () => new Response(null, { status: 204 }),
  forbidden: () => new Response('', { status: 403, statusText: 'Made up' }),
  cookies: () =>
    new Response(null, {
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['etag', 'W/"1"'],
        ['www-authenticate', 'Bearer realm="x"'],
      ],
    }),
  framed: () => new Response('abc', { headers: { 'content-length': '99', 'keep-alive': 'timeout=1', 'content-type': 'text/plain' } }),
  closing: () => new Response('abc', { headers: { connection: 'close', 'content-type': 'text/x' } }),
  stream: () => new Response(parts('first ', 'second'), { headers: { 'transfer-encoding': 'chunked', 'content-type': 'text/plain' } }),
  collected: () => new Response(parts('first ', 'second'), { headers: { 'content-type': 'text/plain' } }),
  endless: () => new Response(more(), { headers: { 'transfer-encoding': 'chunked' } }),
  failing: () => new Response(failing(), { headers: { 'content-type': 'text/plain' } }),
  broken: () => new Response(failing(breaks.promise), { headers: { 'transfer-encoding': 'chunked' } }),
};

const breaks = Promise.withResolvers<void>();
let endless = Promise.withResolvers<void>();
const failures: LogEntry[] = [];

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5), setTimer: () => () => {} };
const log = (entry: LogEntry) => entry.message === 'an answer could not be sent' && failures.push(entry);
let gateway: Gateway;

beforeAll(async () => {
  const protocol = madeUp({
    id: 'made-up',
    claim: () => claimOf({ known: true }),
    fetch: async (request, { target }) => {
      if (target === '/bytes') return new Response(Buffer.from(await request.arrayBuffer()).toString('hex'));
      const answer = answers[target.slice(1)];
      return answer === undefined ? new Response(`${target} ${await request.text()}`) : answer();
    },
  });
  gateway = await startGateway({ store: 'memory:', port: 0, protocols: [protocol], clock, log });
});
afterAll(() => gateway.close());

/** An answer on a connection that ends with it. */
function ask(request: string, body?: string): Promise<string> {
  return exchange(gateway.url, message(request, body));
}

const date = 'Date: Fri, 02 Jan 2026 03:04:05 GMT';

/** The bytes of an answer on a connection that ends. */
function bytes(status: string, headers: readonly string[] = [], body = ''): string {
  return [`HTTP/1.1 ${status}`, ...headers, date, `Content-Length: ${body.length}`, 'Connection: close', '', body].join('\r\n');
}

const vary = 'Vary: Accept-Encoding';

test.each([
  ['null', '200 OK', [], ''],
  ['text', '200 OK', [], ''],
  ['json', '200 OK', ['Content-Type: application/json', vary], '{"a":1}'],
  ['multi', '207 Multi-Status', ['Content-Type: application/json', vary], '{}'],
  ['forbidden', '403 Forbidden', [], ''],
  ['cookies', '200 OK', ['ETag: W/"1"', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'WWW-Authenticate: Bearer realm="x"'], ''],
  ['framed', '200 OK', ['Content-Type: text/plain', vary], 'abc'],
  ['collected', '200 OK', ['Content-Type: text/plain', vary], 'first second'],
])('the answer %s leaves byte for byte', async (name, status, headers, body) => {
  expect(await ask(`GET /${name} HTTP/1.1\nHost: x\nConnection: close`)).toBe(bytes(status, headers, body));
});

test('an answer without content has no length', async () => {
  const answer = await ask('GET /none HTTP/1.1\nHost: x\nConnection: close');
  expect(answer).toBe(['HTTP/1.1 204 No Content', date, 'Connection: close', '', ''].join('\r\n'));
});

test('HTTP/1.1 keeps the connection, and says for how long', async () => {
  const connection = await open(gateway.url);
  connection.send(message('GET /null HTTP/1.1\nHost: x'));
  const first = await connection.until(/\r\n\r\n/);
  expect(first).toBe(
    ['HTTP/1.1 200 OK', date, 'Content-Length: 0', 'Connection: keep-alive', 'Keep-Alive: timeout=30', '', ''].join('\r\n'),
  );
  connection.send(message('GET /closing HTTP/1.1\nHost: x'));
  expect(await connection.toEnd()).toBe(first + bytes('200 OK', ['Content-Type: text/x', vary], 'abc'));
});

test('requests that arrive at once are answered in their order', async () => {
  const one = message('POST /one HTTP/1.1\nHost: x\nContent-Length: 3', 'abc');
  const two = message('GET /two HTTP/1.1\nHost: x\nConnection: close');
  expect(await exchange(gateway.url, one + two)).toMatch(/\/one abcHTTP\/1\.1 200 OK[\s\S]*\/two $/);
});

test.each([
  ['no Host', 'GET /json HTTP/1.0'],
  ['a Host', 'GET /json HTTP/1.0\nHost: device'],
  ['the wish to keep it', 'GET /json HTTP/1.0\nConnection: keep-alive'],
])('HTTP/1.0 with %s is answered and the connection closed', async (_, request) => {
  expect(await ask(request)).toBe(bytes('200 OK', ['Content-Type: application/json', vary], '{"a":1}'));
});

test('a HEAD without a body to measure tells the length that the protocol server tells, or none', async () => {
  const head = (name: string) => ask(`HEAD /${name} HTTP/1.1\nHost: x\nConnection: close`);
  expect(await head('null')).toBe(['HTTP/1.1 200 OK', date, 'Connection: close', '', ''].join('\r\n'));
  expect(await head('measured')).toBe(['HTTP/1.1 200 OK', date, 'Content-Length: 7', 'Connection: close', '', ''].join('\r\n'));
});

test('a HEAD has the headers of the GET and no body', async () => {
  const [get, head] = await Promise.all(['GET', 'HEAD'].map((method) => ask(`${method} /json HTTP/1.1\nHost: x\nConnection: close`)));
  expect(head).toBe(get!.slice(0, -'{"a":1}'.length));
});

test('a stream leaves in chunks on HTTP/1.1, until the end of the connection on HTTP/1.0, and not at all for HEAD', async () => {
  const modern = await ask('GET /stream HTTP/1.1\nHost: x\nConnection: close');
  expect(modern).toMatch(/Transfer-Encoding: chunked\r\n\r\n(?:[\da-f]+\r\n[a-z ]+\r\n)+0\r\n\r\n$/);
  expect(await ask('GET /stream HTTP/1.0')).toBe(
    ['HTTP/1.1 200 OK', 'Content-Type: text/plain', date, 'Connection: close', '', 'first second'].join('\r\n'),
  );
  expect(await ask('HEAD /endless HTTP/1.1\nHost: x\nConnection: close')).toMatch(/\r\n\r\n$/);
  await endless.promise;
  endless = Promise.withResolvers();
});

test('a body that fails before it is sent is a 500, and one that fails on its way ends the connection without an end of the body', async () => {
  expect(await ask('GET /failing HTTP/1.1\nHost: x\nConnection: close')).toBe(bytes('500 Internal Server Error'));
  const connection = await open(gateway.url);
  connection.send(message('GET /broken HTTP/1.1\nHost: x'));
  await connection.until(/begun/);
  breaks.resolve();
  expect(await connection.toEnd()).toMatch(/\r\n\r\n5\r\nbegun\r\n$/);
  expect(failures.splice(0)).toMatchObject([{ level: 'error', protocol: 'made-up', error: 'Error' }]);
});

test('an expectation that is not known is refused, with the framing of an empty answer', async () => {
  const answer = await exchange(gateway.url, message('POST /x HTTP/1.1\nHost: x\nExpect: the-unexpected\nContent-Length: 3', 'abc'));
  expect(answer).toBe(bytes('417 Expectation Failed'));
});

test('a client may leave in the middle of a stream, which then ends and is no failure', async () => {
  const connection = await open(gateway.url);
  connection.send(message('GET /endless HTTP/1.1\nHost: x'));
  await connection.until(/more/);
  connection.socket.destroy();
  await endless.promise;
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(failures).toEqual([]);
});

test('a chunked body arrives whole', async () => {
  const request = message('POST /x HTTP/1.1\nHost: x\nConnection: close\nTransfer-Encoding: chunked', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
  expect(await exchange(gateway.url, request)).toMatch(/\r\n\r\n\/x abcde$/);
});

test('a body arrives byte for byte, however it is framed and however it is cut into packets', async () => {
  const request = (body: Uint8Array, sizes: readonly number[]) => {
    if (sizes.length === 0)
      return [Buffer.from(message(`POST /bytes HTTP/1.1\nHost: x\nConnection: close\nContent-Length: ${body.length}`)), body];
    const chunks: Uint8Array[] = [Buffer.from(message('POST /bytes HTTP/1.1\nHost: x\nConnection: close\nTransfer-Encoding: chunked'))];
    for (let at = 0, i = 0; at < body.length; i++) {
      const chunk = body.subarray(at, at + sizes[i % sizes.length]!);
      chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
      at += chunk.length;
    }
    return [...chunks, Buffer.from('0\r\n\r\n')];
  };
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), sizes, fc.integer({ min: 1, max: 700 }), async (body, chunkSizes, packet) => {
      const bytes = Buffer.concat(request(body, chunkSizes));
      const connection = await open(gateway.url);
      connection.socket.setNoDelay(true);
      for (let at = 0; at < bytes.length; at += packet) connection.send(bytes.subarray(at, at + packet));
      expect(await connection.toEnd()).toMatch(new RegExp(`\r\n\r\n${Buffer.from(body).toString('hex')}$`));
    }),
  );
});

test('who asks for leave to send a body gets it before the answer', async () => {
  const connection = await open(gateway.url);
  connection.send(message('POST /x HTTP/1.1\nHost: x\nContent-Length: 3\nExpect: 100-continue\nConnection: close'));
  expect(await connection.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  connection.send('abc');
  expect(await connection.toEnd()).toMatch(/Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*\/x abc$/);
});

test('the body of a GET is read off the connection and forgotten', async () => {
  const requests =
    message('GET /get HTTP/1.1\nHost: x\nContent-Length: 3', 'abc') + message('GET /next HTTP/1.1\nHost: x\nConnection: close');
  expect(await exchange(gateway.url, requests)).toMatch(/\/get HTTP\/1\.1 200 OK[\s\S]*\/next $/);
});

test.each([
  ['two different lengths', 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
  ['the same length twice', 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc'],
  ['a length and chunks', 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a length that is no number', 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n'],
  ['a chunk size that is none', 'POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ['a header without a colon', 'GET /x HTTP/1.1\r\nHost x\r\n\r\n'],
  ['a header that begins with a blank', 'GET /x HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01'],
  ['another version of HTTP', 'GET /x HTTP/3.0\r\nHost: x\r\n\r\n'],
  ['no Host', 'GET /x HTTP/1.1\r\n\r\n'],
  ['two Hosts', 'GET /x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
  ['a Host that is none', 'GET /x HTTP/1.1\r\nHost: x/y\r\n\r\n'],
  ['a target with bytes that belong escaped', 'GET /\xe9 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a target without a slash', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'],
])('%s is answered with 400 and an empty body, and the connection closed', async (_, request) => {
  const answer = await exchange(gateway.url, Buffer.from(request, 'latin1'));
  expect(answer).toMatch(/HTTP\/1\.1 400 Bad Request\r\n(?:[^\r]+\r\n)*Content-Length: 0\r\n(?:[^\r]+\r\n)*\r\n$/);
  expect(answer).toContain('Connection: close\r\n');
});

test('a body longer than its length is answered for what it says, and the connection closed', async () => {
  const request = message('POST /x HTTP/1.1\nHost: x\nContent-Length: 2', 'abcdef\r\n\r\n');
  expect(await exchange(gateway.url, request)).toBe(bytes('200 OK', ['Content-Type: text/plain;charset=UTF-8', vary], '/x ab'));
});

test('line ends after a body, which careless devices send, do no harm', async () => {
  const request = message('POST /x HTTP/1.1\nHost: x\nContent-Length: 2', 'ab\r\n');
  expect(await exchange(gateway.url, request + message('GET /next HTTP/1.1\nHost: x\nConnection: close'))).toMatch(/\/next $/);
});

test('a target for a proxy is that of the path in it', async () => {
  expect(await ask('GET http://api.example.org/x?y HTTP/1.1\nHost: x\nConnection: close')).toMatch(/\/x\?y $/);
  expect(await ask('GET http://api.example.org HTTP/1.1\nHost: x\nConnection: close')).toMatch(/\/ $/);
});

function parts(...texts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(Buffer.from(text));
      controller.close();
    },
  });
}

function more(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.from('more')),
    cancel: () => endless.resolve(),
  });
}

function failing(when?: Promise<void>): ReadableStream<Uint8Array> {
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      if (!begun) controller.enqueue(Buffer.from('begun'));
      else await when;
      if (begun) throw new Error('a stream that fails');
      begun = true;
    },
  });
}
