import { AnySeriesError } from '@anyseries/core';
import { describe, expect, test } from 'vitest';
import { type Calls, createClientRun, whyNoClientSends } from '../../vectors/client-half.ts';
import { authorization, nothingWrong, things } from './things.ts';

/** The native client of the service: as a whole, or with one thing wrong. */
interface ThingsClient {
  request(method: string, path: string, body?: unknown): Promise<unknown>;
}

function thingsClient(
  url: string,
  authorizationHeader: string,
  spoil: (init: { method: string; path: string; body: string | null }) => void,
): ThingsClient {
  return {
    async request(method, path, body) {
      const init = { method, path, body: body === undefined ? null : JSON.stringify(body) };
      spoil(init);
      const response = await fetch(url + init.path, {
        method: init.method,
        body: init.body,
        headers: { authorization: authorizationHeader },
      });
      const text = await response.text();
      if (!response.ok) throw new AnySeriesError('invalid', `status ${response.status}: ${text}`);
      return text === '' ? undefined : { json: JSON.parse(text) as unknown, link: response.headers.get('link') };
    },
  };
}

const theJson = (answer: unknown) => (answer as { json: unknown } | undefined)?.json;

function thingsCalls(spoil: Parameters<typeof thingsClient>[2] = () => {}, header = authorization[1]!): Calls<ThingsClient> {
  const list = (client: ThingsClient) => ({
    async *pages() {
      for (let path: string | undefined = '/things/'; path !== undefined; ) {
        const answer = (await client.request('GET', path)) as { json: unknown; link: string | null };
        yield answer.json;
        path = answer.link?.slice(1, answer.link.indexOf('>'));
      }
    },
  });
  return {
    trailingSlashIsOptional: true,
    connect: ({ url }) => thingsClient(url, header, spoil),
    hasCredentials: ({ headers }) => headers.some(([name]) => name === 'Authorization'),
    operations: [
      { method: 'POST', path: '/things', call: async (client, { body }) => theJson(await client.request('POST', '/things', body ?? {})) },
      {
        method: 'PUT',
        path: '/things/{id}',
        call: async (client, { part, body }) => theJson(await client.request('PUT', `/things/${part.id}`, body)),
      },
      { method: 'GET', path: '/things', call: list },
    ],
    anyOperation: { method: 'GET', path: '/things', call: list },
  };
}

async function ask(calls: Calls<ThingsClient>, file = things) {
  const run = createClientRun(file, calls);
  const problems: Record<string, string> = {};
  for (const each of file.exchanges) problems[each.id] = await run.check(each);
  return { problems, compared: run.compared, refused: run.refused };
}

describe('a client', () => {
  test('that asks as the document does passes, and its cursor is followed to the page that a request is about', async () => {
    const { problems, compared } = await ask(thingsCalls());
    expect(problems).toEqual(nothingWrong);
    expect(compared.size).toBe(5);
  });

  test('is not held to requests that no client sends', () => {
    const reasons = things.exchanges.map(({ steps }) => whyNoClientSends(steps[0]!.request, thingsCalls()));
    expect(reasons).toEqual([
      ...Array<undefined>(5).fill(undefined),
      'no client sends malformed JSON',
      'no client asks for an unknown resource',
    ]);
    const { request } = things.exchanges[0]!.steps[0]!;
    expect(whyNoClientSends({ ...request, headers: [] }, thingsCalls())).toBe('no client leaves out the credentials');
  });

  test.each<[what: string, spoil: Parameters<typeof thingsClient>[2], told: string]>([
    ['another method', (init) => Object.assign(init, { method: 'PUT' }), 'method'],
    ['another path', (init) => Object.assign(init, { path: '/thing' }), 'path'],
    ['a parameter too many', (init) => Object.assign(init, { path: '/things?a=1' }), 'query'],
    ['another body', (init) => Object.assign(init, { body: '{"name":"One"}' }), 'body.name'],
    ['a text as a body', (init) => Object.assign(init, { body: 'one' }), 'body'],
  ])('that sends %s is noticed', async (_what, spoil, told) => {
    const { problems } = await ask(thingsCalls(spoil));
    expect(problems.V1).toContain(`\n  ${told}`);
  });

  test('that sends other credentials is noticed', async () => {
    expect((await ask(thingsCalls(undefined, 'Basic wrong'))).problems.V1).toContain('header Authorization');
  });

  test('that takes another page is noticed', async () => {
    const spoil = (init: { path: string }) => Object.assign(init, { path: init.path.replace('n=1', 'n=2') });
    expect((await ask(thingsCalls(spoil))).problems.V5).toContain('query');
  });

  test('that makes something else of an answer is noticed', async () => {
    const calls = thingsCalls();
    const [create, ...others] = calls.operations;
    const wrong = { ...create!, gives: (body: unknown) => ({ ...(body as object), further: 1 }) };
    expect((await ask({ ...calls, operations: [wrong, ...others] })).problems.V1).toContain('result.further');
  });

  test('whose error does not tell the status and the text is noticed', async () => {
    const calls = thingsCalls();
    const { call } = calls.operations[0]!;
    const silent: typeof call = (client, request) =>
      Promise.resolve(call(client, request)).catch(() => Promise.reject(new AnySeriesError('unavailable', 'it failed')));
    const { problems } = await ask({ ...calls, operations: [{ ...calls.operations[0]!, call: silent }, ...calls.operations.slice(1)] });
    expect(problems.V6).toContain('a message with "400"');
    expect(problems.V6).toContain('a message with "no JSON"');
  });

  test('may refuse to send what the service calls invalid, and nothing else', async () => {
    const calls = thingsCalls();
    const refuse = () => Promise.reject(new AnySeriesError('invalid', 'name: is missing'));
    const { problems, refused } = await ask({
      ...calls,
      operations: [{ ...calls.operations[0]!, call: refuse }, ...calls.operations.slice(1)],
    });
    expect(problems.V6).toBe('');
    expect([...refused]).toEqual([things.exchanges[5]!.steps[0]!.request]);
    expect(problems.V1).toContain('received none');
  });

  test('without an operation for a request that succeeds is noticed', async () => {
    const calls = thingsCalls();
    const { problems } = await ask({ ...calls, operations: calls.operations.slice(0, 1) });
    expect(problems.V3).toContain('there is no operation for PUT /things/');
    expect(problems.V7).toBe('');
  });

  test('may ask further where its protocol says so, and nowhere else', async () => {
    const calls = thingsCalls();
    const twice = async (client: ThingsClient, { body }: { body: unknown }) => {
      const answer = await client.request('POST', '/things', body ?? {});
      await client.request('GET', '/clock');
      return theJson(answer);
    };
    const curious = { ...calls, operations: [{ ...calls.operations[0]!, call: twice }, ...calls.operations.slice(1)] };
    expect((await ask(curious)).problems.V1).toContain('POST /things HTTP/1.1, GET /clock HTTP/1.1');
    const clock = { status: 200, reason: 'OK', headers: [], body: '1' };
    expect((await ask({ ...curious, answerFurther: () => clock })).problems.V1).toBe('');
  });
});
