import type { Claim, RequestHead } from '@anyseries/core/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../src/index.ts';
import { claimOf, madeUp, type Told } from './made-up.ts';
import { exchange, message } from './raw.ts';

/** Two protocols that share `/v1`, as TempoDB and iobeam do, one that has a part of it, and one that claims nothing: a relay. */
const first = madeUp({
  id: 'first',
  claim: (head) =>
    under('/v1', head, {
      known: /^\/v1\/(?:series|data\/segment)\b/.test(head.target),
      credentials: scheme(head) === 'basic',
      host: head.headers.get('host') === 'first.example',
    }),
});
const second = madeUp({
  id: 'second',
  claim: (head) =>
    under('/v1', head, { known: head.target.startsWith('/v1/data'), credentials: scheme(head) === 'bearer', fallback: true }),
});
const third = madeUp({ id: 'third', claim: (head) => under('/api', head, { known: true }) });
const relay = madeUp({ id: 'relay' });

function under(path: string, { target }: RequestHead, claim: Partial<Claim>): Claim | undefined {
  return target.startsWith(`${path}/`) ? claimOf(claim) : undefined;
}

function scheme({ headers }: RequestHead): string | undefined {
  return headers.get('authorization')?.split(' ')[0]?.toLowerCase();
}

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    store: 'memory:',
    port: 0,
    protocols: [first, second, third, relay],
    prefixes: { third: '/old/third' },
    hosts: { relay: ['Relay.example'] },
    listeners: [{ protocol: 'relay', port: 0 }],
    log: { level: 'silent' },
  });
});
afterAll(() => gateway.close());

/** Who answers, and the prefix that led there; the status where nobody does. */
async function whoAnswers(request: string, headers = '', url = gateway.url): Promise<string> {
  const answer = await exchange(url, message(`${request} HTTP/1.1\nConnection: close\n${headers || 'Host: x'}`));
  if (!answer.startsWith('HTTP/1.1 200')) return answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length);
  const { protocol, connection } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Told;
  return connection.prefix === '' ? protocol : `${protocol} at ${connection.prefix}`;
}

test.each([
  ['GET /first/v1/anything', '', 'first at /first'],
  ['GET /second', '', 'second at /second'],
  ['GET /second?a=/b', '', 'second at /second'],
  ['GET /first', 'Host: relay.example', 'first at /first'],
  ['GET //first/v1/series', '', 'first at //first'],
  ['GET ///first', '', 'first at ///first'],
  ['POST /old/third/api/', '', 'third at /old/third'],
  ['GET /third/api/', '', '404'],
  ['GET /firsts/v1/', '', '404'],
  ['GET /First/v1/', '', '404'],
  ['GET /%66irst/v1/', '', '404'],
  ['GET /relay/x', '', 'relay at /relay'],
])('a prefix leads to its protocol: %s %s -> %s', async (request, headers, who) => {
  expect(await whoAnswers(request, headers)).toBe(who);
});

test.each([
  ['GET /v1/series/', '', 'first'],
  ['GET /v1/data/input', '', 'second'],
  ['GET /api/x', '', 'third'],
  ['GET /v1/series/', 'Host: x\nAuthorization: Bearer t', 'first'],
  ['GET /v1/data/segment', '', 'second'],
  ['GET /v1/data/segment', 'Host: x\nAuthorization: Basic YQ==', 'first'],
  ['GET /v1/data/segment', 'Host: x\nAuthorization: Bearer t', 'second'],
  ['GET /v1/data/segment', 'Host: first.example', 'first'],
  ['GET /v1/data/segment', 'Host: first.example\nAuthorization: Bearer t', 'second'],
  ['GET /v1/nothing', '', 'second'],
  ['GET /v1/nothing', 'Host: x\nAuthorization: Basic YQ==', 'first'],
  ['GET /v1/nothing', 'Host: first.example', 'first'],
  ['GET /v2/x', '', '404'],
  ['POST /', '', '404'],
])(
  'without a prefix the best claim wins, by path, then credentials, then host, then fallback: %s %s -> %s',
  async (request, headers, who) => {
    expect(await whoAnswers(request, headers)).toBe(who);
  },
);

test('a host of its own leads to a protocol that claims nothing', async () => {
  expect(await whoAnswers('POST /', 'Host: relay.example')).toBe('relay');
  expect(await whoAnswers('POST /v1/series/', 'Host: RELAY.example:8080')).toBe('relay');
  expect(await whoAnswers('POST /', 'Host: other.example')).toBe('404');
});

test('who asks for leave to send a body to nobody is told so, and the connection ends', async () => {
  const answer = await exchange(gateway.url, message('POST /nothing HTTP/1.1\nHost: x\nContent-Length: 3\nExpect: 100-continue'));
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\nDate: [^\r]+\r\nContent-Length: 0\r\nConnection: close\r\n\r\n$/);
});

test("at a port of its own everything is the protocol's, the paths of others and of the gateway included", async () => {
  const [, { url }] = gateway.ports as unknown as [unknown, { url: string }];
  for (const path of ['/', '/v1/series/', '/first/v1/', '/health', '/metrics', '/-/']) {
    expect(await whoAnswers(`POST ${path}`, '', url)).toBe('relay');
  }
  expect(gateway.ports).toEqual([
    { url: gateway.url, port: Number(new URL(gateway.url).port) },
    { url, port: Number(new URL(url).port), protocol: 'relay' },
  ]);
});

test.each(['/first/a/../b', '/first/%2e%2E/x', '/first//x//', '/first/a%20b?q=%zz&+', '/first/x#y', '/first/{version}\\x|"<>'])(
  'the target arrives byte for byte: %s',
  async (target) => {
    const answer = await exchange(gateway.url, message(`GET ${target} HTTP/1.0`));
    const { connection } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Told;
    expect(connection.target).toBe(target);
  },
);

test('the connection tells version, scheme and address, and the URL has the host that the client named', async () => {
  const answer = await exchange(gateway.url, message('PUT /first/x?y HTTP/1.0\nHost: device.example:81\nContent-Length: 2', 'ok'));
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
    protocol: 'first',
    method: 'PUT',
    url: 'http://device.example:81/first/x?y',
    body: 'ok',
    connection: { target: '/first/x?y', prefix: '/first', httpVersion: '1.0', secure: false, remoteAddress: '127.0.0.1' },
  });
});

test.each([
  [{ prefixes: { first: '/-/x' } }, /^prefixes\.first: \/-\/x belongs to the gateway/],
  [{ prefixes: { first: '/second/x' } }, /^prefixes\.first: \/second\/x lies below \/second of second/],
  [{ prefixes: { nobody: '/x' } }, /^prefixes\.nobody: the protocol "nobody" is not served; served are first, second/],
  [{ settings: { nobody: {} } }, /^settings\.nobody: /],
  [{ hosts: { first: ['a.example'], second: ['A.example'] } }, /^hosts\.first: "a\.example" belongs to second, too/],
  [{ listeners: [{ protocol: 'nobody', port: 0 }] }, /^listeners\.0\.protocol: /],
])('a place that cannot be is refused: %o', async (places, problem) => {
  const started = startGateway({ store: 'memory:', port: 0, protocols: [first, second], log: { level: 'silent' }, ...places });
  await expect(started).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(problem) });
});
