import { connect as connectToSqlite } from '@anyseries/sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ask, alice, basic, bob, consumer, makeSeries, type Service, startService, token } from './server-fixture.ts';

const statuses = [200, 201, 204, 302, 400, 401, 403, 404, 405, 412, 413];

const ids = ['ID', '--86fpHQT2uMKl1-Cx-TxA', 'x', '..', '%2e%2e', '%00', '%ff', '%', 'born', 'é', 'a b', 'a'.repeat(70)];
const rests = ['', 'csv', 'csv/', 'csv/unix.csv', 'csv/iso.csv', 'value/json/', 'metadata/', 'json/', 'x'];
const places = [
  '/create/',
  '/create',
  '/search/',
  '/search/results.atom',
  '/search/results.thin.json',
  '/search/results.fat.json',
  '/search/results.full.json',
  '/search/results.x',
  '/tags/a;b/results.atom',
  '/tags/%2525;%zz/',
  '/tags/',
  '/tag/%00/results.fat.json',
  '/oauth/request_token/',
  '/oauth/access_token/',
  '/oauth/authorize/',
  '/oauth/revoke/',
  '/login/',
  '/logout/',
  '/settings/',
  '/settings/tokens/',
  '/settings/applications/',
  '/',
  '',
  '/nothing/',
];
const path = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...rests)).map(([id, rest]) => `/series/${id}/${rest}`) },
  { weight: 6, arbitrary: fc.constantFrom(...places) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'/seriscvoauth%25F.;=#é') }).map((text) => `/${text}`) },
);

const texts = [
  '',
  '1',
  '-2.5',
  'true',
  'None',
  'nan',
  '1e999',
  'é',
  '\0',
  'a b',
  '<b>',
  'x'.repeat(300),
  'oob',
  'https://app.example/?a=b',
  'javascript:x',
  'born',
];
const names = [
  'value',
  'increment',
  'timestamp',
  'title',
  'caption',
  'tags',
  'public',
  'formula',
  'anyseries_key',
  'q',
  'u',
  'n',
  'p',
  'user',
  'password',
  'next',
  'name',
  'todelete',
  'authorize_access',
  'form_token',
  'oauth_token',
  'oauth_callback',
  'oauth_nonce',
  '__proto__',
  '',
];
const pairs = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...texts)), { maxLength: 5 });
const query = fc.oneof(
  { weight: 8, arbitrary: pairs.map((each) => `?${new URLSearchParams(each)}`) },
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'%=&;+valuetitq1.é') }).map((text) => `?${encodeURI(text)}`) },
);

const csv = fc.oneof(
  fc
    .array(fc.tuple(fc.constantFrom('1', '-5.25', '1236735000', '2009-03-11', '9e15', '8640000000000', 'x'), fc.constantFrom(...texts)))
    .map((rows) => rows.map((row) => row.join(',')).join('\n')),
  fc.string({ unit: fc.constantFrom(...'12,."\r\n -eTnull') }),
);
const body = fc.oneof(
  fc.constant(undefined),
  pairs.map((each) => new URLSearchParams(each)),
  pairs.map((each) => multipart(each)),
  csv,
  csv.map((text) => multipart([['csv', text]], true)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => new Uint8Array(bytes)),
);
const type = fc.option(
  fc.constantFrom(
    'text/csv',
    'application/x-www-form-urlencoded; charset=utf-8',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'application/json',
    'x',
  ),
  { nil: undefined },
);

function multipart(fields: readonly (readonly [string, string])[], isFile = false): FormData {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (isFile) form.append(name, new Blob([value]), 'f');
    else form.append(name, value);
  }
  return form;
}

const caller = fc.constantFrom('alice', 'bob', 'signed', 'nobody', 'wrong', 'broken', 'browser');
const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH');

async function begin(service: Service) {
  const id = await makeSeries(service, '1236735000,1\n1236735500,\n1236736000,true\n');
  await service.store.write([
    { series: 'born', time: 1.001, value: 'text' },
    { series: 'born', time: 8.64e15, value: 2n ** 60n + 1n },
    { series: 'é', time: -8.64e15, value: 1e308 },
    { series: 'a b', time: 0, value: false },
  ]);
  const login = await service.ask('POST', '/login/', { body: new URLSearchParams({ user: alice.user, password: alice.password }) });
  return { id, cookie: login.headers.getSetCookie()[0]!.split(';')[0]! };
}

const stores = { memory: undefined, sqlite: () => connectToSqlite({ path: ':memory:' }) };

describe.each(Object.entries(stores))('any request over %s', (_, connect) => {
  test('has an answer of the protocol, well formed, without a secret, and nothing throws', { timeout: 120_000 }, async () => {
    const store = connect?.();
    const service = await startService({ hasPasswords: true, ...(store === undefined ? {} : { store }) });
    // the clock of the records of a store that is real
    service.clock.time = store === undefined ? service.clock.time : Date.now();
    const { id, cookie } = await begin(service);
    let current = id;
    await fc.assert(
      fc.asyncProperty(method, path, query, body, type, caller, async (verb, target, search, given, contentType, who) => {
        if ((await service.askBasic('GET', `/series/${current}/csv/`)).status === 404) current = await makeSeries(service, '1,1\n');
        const whole = target.replace('ID', current) + search;
        const hasBody = verb !== 'GET' && verb !== 'HEAD' && given !== undefined;
        const headers: Record<string, string> =
          contentType === undefined || given instanceof FormData ? {} : { 'content-type': contentType };
        const options: Ask = { headers, ...(hasBody ? { body: given } : {}) };
        const answer = await asking(service, who, cookie, verb, whole, options);
        expect(statuses, answer.text).toContain(answer.status);
        expect(service.failures.splice(0)).toEqual([]);
        if (answer.status === 401) expect(answer.headers.get('www-authenticate') ?? 'a page').not.toBe('');
        if (answer.status >= 400 && answer.headers.get('content-type') === 'text/plain') expect(answer.text).toMatch(/^[^\p{Cc}]+$/u);
        for (const secret of [consumer.secret, token.secret, alice.secret, bob.secret, alice.password, bob.password])
          expect(answer.text).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
    await store?.close();
  });
});

function asking(service: Service, who: string, cookie: string, verb: string, target: string, options: Ask) {
  const withHeader = (header: Record<string, string>) =>
    service.ask(verb, target, { ...options, headers: { ...options.headers, ...header } });
  if (who === 'alice' || who === 'bob') return withHeader({ authorization: basic(who === 'alice' ? alice : bob) });
  if (who === 'wrong') return withHeader({ authorization: basic({ key: alice.key, secret: 'x' }) });
  if (who === 'broken') return withHeader({ authorization: 'OAuth oauth_consumer_key="hT7kPq2ZwXc9RmNd", oauth_token=%zz' });
  if (who === 'browser') return withHeader({ cookie });
  if (who === 'signed') return service.askSigned(verb, target, options);
  return service.ask(verb, target, options);
}
