import { createServer } from '@anyseries/microlog/server';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ada, bobsGraph, documentUsers, errors, requests, type Service, session, standingClock, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ clock: standingClock(), users: documentUsers });
});
afterAll(() => service.close());

const credentials = { api_username: ada.name, api_token: ada.token };

/** Anything that JSON can say, and what programs are most afraid of. */
const odd = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(
    ...[requests, errors, bobsGraph, 'example', '', '\u0000', '\ud800', '__proto__', 'constructor', 'x'.repeat(2000)],
    ...[0, -0, -1, 1e21, 1.5, 5e-324, 1.7976931348623157e308, 1478220723, 1478220723000, 2 ** 53, null, true, false],
    ...[{ $ne: null }, { toString: 1 }, { length: 1e9 }, [[[[]]]], []],
  ),
);
const point = fc.oneof(odd, fc.record({ time: odd, count: odd, text: odd }, { requiredKeys: [] }));
const dataset = fc.oneof(odd, fc.record({ graph: odd, points: fc.oneof(odd, fc.array(point)) }, { requiredKeys: [] }));
const write = fc.record({
  ...Object.fromEntries(Object.entries(credentials).map(([name, value]) => [name, fc.constant(value)])),
  datasets: fc.oneof(odd, fc.array(dataset)),
});
const form = fc.dictionary(
  fc.constantFrom(
    'username',
    'password',
    'password_repeat',
    'graph_name',
    'graph_type',
    'graph',
    'count',
    'text',
    'time',
    'i',
    '__proto__',
  ),
  odd,
);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom('i', 'i[]', 'i[a]', 'e', 'start', 'end', 'limit', 'cursor', 'interval'),
      fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('1e400', '-0', '5:1', 'NaN', '0x10')),
    ),
  )
  .map((pairs) => new URLSearchParams(pairs as [string, string][]).toString());
const path = fc.oneof(
  fc.constantFrom(
    '/',
    '/docs',
    '/users',
    '/auth/login',
    '/auth/create',
    '/dashboard',
    '/dashboard/new',
    '/graphs/',
    '/graphs/api/',
    `/graphs/${requests}`,
  ),
  fc.constantFrom(
    `/graphs/api/${requests}/points`,
    `/graphs/api/${requests}/sums`,
    '/graphs/%zz',
    '/graphs/%00',
    '/graphs/..%2f',
    '//',
    '/graphs/api/%C3%28/sums',
  ),
  fc.webPath(),
);

/** Answers of 500 that the protocol has: for datasets that are no list, passwords that are no text, graphs without a name. */
const known500 = /undefined is not a function|Cannot read property|Invalid password|No graph name specified/;

function formText(body: unknown): string {
  const fields = Object.entries(Object(body)).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
  ]);
  return new URLSearchParams(fields as [string, string][]).toString();
}

test('whatever comes is answered, and nothing fails inside', async () => {
  const failures: unknown[] = [];
  const server = createServer({ store: service.store, clock: standingClock(), onFailure: (error) => failures.push(error) });
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'),
    path,
    query,
    type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=utf-16', ''),
    body: fc.oneof(write, write, form, odd),
    cut: fc.oneof({ weight: 4, arbitrary: fc.constant(Number.POSITIVE_INFINITY) }, fc.nat(400)),
    headers: fc.record(
      {
        cookie: fc.constantFrom(`token=${session}`, 'token=', 'token=NoSuchSession0000000', 'a=b;;=;token'),
        authorization: fc.constantFrom(`Basic ${btoa(`ada:${ada.token}`)}`, 'Basic', 'Basic ====', 'Bearer x', `Basic ${btoa(':')}`),
        accept: fc.constantFrom('application/json', '*/*', 'text/html', ';;q=,', 'application/json;q=0'),
        'idempotency-key': fc.constantFrom('a', 'b', 'x'.repeat(128), 'x'.repeat(129)),
        'content-encoding': fc.constantFrom('gzip', 'deflate', 'br', 'identity'),
      },
      { requiredKeys: [] },
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path: target, query: search, type, body, cut, headers }) => {
      const content = type.includes('urlencoded') ? formText(body) : JSON.stringify(body);
      const hasBody = method !== 'GET' && method !== 'HEAD';
      const { cookie, ...others } = headers;
      const asked = new Request('http://microlog.test/', {
        method,
        headers: { 'content-type': type, ...others, ...(cookie === undefined ? {} : { cookie }) },
        ...(hasBody ? { body: content.slice(0, cut) } : {}),
      });
      const connection = {
        target: `${target}${search === '' ? '' : `?${search}`}`,
        prefix: '',
        httpVersion: '1.1',
        secure: false,
        remoteAddress: undefined,
      };
      const answer = await server.fetch(asked, connection);
      const text = await answer.text();
      if (answer.status >= 500) expect(text).toMatch(known500);
      expect(answer.status).toBeLessThan(501);
      expect(text).not.toContain(ada.password);
      expect(failures).toEqual([]);
    }),
    { numRuns: 2000 * Number(process.env.ANYSERIES_RUNS ?? 1) },
  );
}, 300_000);

test('whatever was sent, every page and every read works afterwards', async () => {
  const basic = { authorization: `Basic ${btoa(`ada:${ada.token}`)}` };
  for (const target of [`/graphs/${requests}?i=604800`, `/graphs/${errors}`, '/dashboard'])
    expect((await service.ask(target, { session })).status).toBe(200);
  for (const resource of ['points', 'sums?interval=86400']) {
    const answer = await service.ask(`/graphs/api/${requests}/${resource}`, { headers: basic });
    expect(answer.status).toBe(200);
    await answer.json();
  }
});
