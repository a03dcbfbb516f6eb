import { AnySeriesError, type Store } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { createServer, protocol } from '@anyseries/microlog/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ada, documentUsers, requests, type Service, session, startService } from './service.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ users: documentUsers });
});
afterAll(() => service.close());

describe('a path', () => {
  test.each([
    ['GET', '/', 200],
    ['GET', '/docs', 200],
    ['GET', '/DOCS/', 200],
    ['GET', '/users', 200],
    ['GET', '/stylesheets/style.css', 200],
    ['GET', '/auth/login', 200],
    ['GET', '/Auth/Create/?e=4', 200],
    ['POST', '/Graphs/API', 401],
    ['POST', '/graphs/api', 401],
    ['HEAD', `/graphs/${requests}/`, 200],
    ['GET', '/graphs', 303],
    ['GET', '/api/', 404],
    ['GET', '/data', 404],
    ['GET', '//docs', 404],
    ['GET', '/docs//', 404],
    ['GET', '/graphs//', 404],
    ['GET', '/graphs/api/x/y', 404],
    ['GET', '/%67raphs', 404],
    ['PUT', '/docs', 404],
    ['DELETE', `/graphs/${requests}`, 404],
    ['POST', '/dashboard', 404],
    ['GET', '/dashboard/new', 404],
    ['OPTIONS', '/nothing', 404],
  ])('%s %s', async (method, target, status) => {
    expect((await service.ask(target, { method })).status).toBe(status);
  });

  test.each([
    ['/graphs/api/', 'GET,HEAD,POST'],
    ['/graphs', 'GET,HEAD,POST'],
    ['/auth/login', 'GET,HEAD,POST'],
    ['/dashboard', 'GET,HEAD'],
    ['/dashboard/new', 'POST'],
    [`/graphs/${requests}`, 'GET,HEAD'],
  ])('tells its methods: %s', async (target, methods) => {
    const answer = await service.ask(target, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([200, methods, methods]);
  });

  test('that is not found says so in a heading, and nothing of what was asked for', async () => {
    const html = await (await service.ask('/<script>')).text();
    expect(html).toContain('<h1>Not Found</h1><h2></h2><pre></pre>');
    expect(html).not.toContain('script');
  });

  test('with an escape that stands for nothing is told in full, and escaped', async () => {
    const answer = await service.ask('/graphs/%zz"<b>');
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("<h1>Failed to decode param '%zz%22%3Cb%3E'</h1>")]);
  });
});

describe('the extension', () => {
  const announced = 'read/1, result/1, idempotency/1';

  test.each([
    ['GET', '/graphs/api/', announced],
    ['OPTIONS', '/graphs/api', announced],
    ['POST', '/Graphs/API/', announced],
    ['GET', `/graphs/api/${requests}/points`, announced],
    ['GET', '/graphs/api/x/y', announced],
    ['PUT', '/graphs/api/', announced],
    ['GET', `/graphs/${requests}`, null],
    ['GET', '/graphs/apis', null],
  ])('is announced below the API: %s %s', async (method, target, header) => {
    expect((await service.ask(target, { method })).headers.get('microlog-extensions')).toBe(header);
  });

  test('can be left out, with everything that belongs to it', async () => {
    const plain = await startService({ users: documentUsers, settings: { extension: false } });
    const basic = { authorization: `Basic ${btoa(`ada:${ada.token}`)}` };
    for (const target of ['/graphs/api/', `/graphs/api/${requests}/points`, `/graphs/api/${requests}/sums?interval=1`]) {
      const answer = await plain.ask(target, { headers: basic });
      expect([answer.status, answer.headers.get('microlog-extensions')]).toEqual([404, null]);
    }
    const datasets = [{ graph: requests, points: [{ time: 0, count: 1 }] }];
    for (let time = 0; time < 2; time++) {
      const answer = await plain.write(datasets, { accept: 'application/json', 'idempotency-key': 'a' });
      expect(await answer.text()).toBe('All good');
    }
    expect(await plain.series(requests)).toEqual([[0, 2]]);
    await plain.close();
  });

  test('tells results to who asks for JSON by its name', async () => {
    const ask = async (accept: string) => (await service.write([], { accept })).headers.get('content-type');
    for (const accept of ['application/json', 'text/html, application/json;q=0.1', 'APPLICATION/JSON; charset=utf-8'])
      expect(await ask(accept)).toBe('application/json; charset=utf-8');
    for (const accept of ['*/*', 'application/*', 'application/json;q=0', 'text/html'])
      expect(await ask(accept)).toBe('text/html; charset=utf-8');
  });
});

describe('a redirect', () => {
  test.each([
    [undefined, 'text/plain; charset=utf-8', 'See Other. Redirecting to /auth/login?e=3'],
    ['*/*', 'text/plain; charset=utf-8', 'See Other. Redirecting to /auth/login?e=3'],
    ['text/plain;q=0.5, */*', 'text/html; charset=utf-8', '<p>See Other. Redirecting to <a href="/auth/login?e=3">/auth/login?e=3</a></p>'],
    ['text/html,*/*;q=0.8', 'text/html; charset=utf-8', '<p>See Other. Redirecting to <a href="/auth/login?e=3">/auth/login?e=3</a></p>'],
    ['text/*;q=0.5', 'text/plain; charset=utf-8', 'See Other. Redirecting to /auth/login?e=3'],
    ['application/json', null, ''],
    ['text/html;q=x', null, ''],
  ])('for %j', async (accept, type, body) => {
    const answer = await service.ask('/dashboard', accept === undefined ? {} : { headers: { accept } });
    expect([answer.status, answer.headers.get('vary'), answer.headers.get('content-type'), await answer.text()]).toEqual([
      303,
      'Accept',
      type,
      body,
    ]);
  });

  test('and every link lead to where the server is mounted, and never to another host', async () => {
    const server = createServer({ store: service.store });
    for (const prefix of ['/microlog', '///microlog']) {
      const ask = (target: string, cookie = '') =>
        server.fetch(new Request('http://h/', { headers: { cookie } }), {
          target: prefix + target,
          prefix,
          httpVersion: '1.1',
          secure: false,
          remoteAddress: undefined,
        });
      expect((await ask('/dashboard')).headers.get('location')).toBe('/microlog/auth/login?e=3');
      const pages = await Promise.all([
        ask(''),
        ask('/docs'),
        ask('/auth/login'),
        ask('/dashboard', `token=${session}`),
        ask(`/graphs/${requests}?i=60`),
      ]);
      for (const page of pages) {
        expect(page.status).toBe(200);
        const links = [...(await page.text()).matchAll(/(?:href|action)="([^"]*)"/g)].map(([, link]) => link!);
        expect(links.length).toBeGreaterThan(3);
        for (const link of links) expect(link).toMatch(/^\/microlog(\/|$)/);
      }
    }
  });
});

describe('every page', () => {
  test.each(['/', '/docs', '/auth/login', '/auth/create?e=5', '/nothing', `/graphs/${requests}`])(
    'runs nothing and loads nothing from elsewhere: %s',
    async (target) => {
      const answer = await service.ask(target, { session });
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const html = await answer.text();
      expect(html).not.toMatch(/https?:\/\/|javascript:|\son\w+=|style=/i);
      expect([...html.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes)).toEqual(
        target.startsWith('/graphs') ? [' type="text/plain"'] : [],
      );
    },
  );
});

describe('failures inside', () => {
  test('are told to whoever keeps a log, and not to the client', async () => {
    const failures: unknown[] = [];
    const store: Store = connectToMemory();
    const get = async () => {
      throw new TypeError('secret details');
    };
    const server = createServer({ store: { ...store, records: { ...store.records, get } }, onFailure: (error) => failures.push(error) });
    const answer = await server.fetch(new Request(`http://h/graphs/${requests}`));
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('<h1>Internal Server Error</h1>')]);
    expect(failures).toEqual([expect.any(TypeError)]);
  });

  test.each([
    [{ unknown: 1 }, 'settings.unknown'],
    [{ signUpProject: '' }, 'settings.signUpProject'],
    [{ graphPages: 'x' }, 'settings.graphPages'],
    [{ extension: 1 }, 'settings.extension'],
    [{ bodyBytes: 0 }, 'settings.bodyBytes'],
  ])('settings that mean nothing are refused by name: %j', (settings, name) => {
    const refused = expect.objectContaining({ code: 'invalid', message: expect.stringContaining(name) });
    expect(() => createServer({ store: service.store, settings })).toThrow(refused);
    expect(() => createServer({ store: service.store, settings })).toThrow(AnySeriesError);
  });
});

describe('its share of the requests of a gateway', () => {
  const claim = (method: string, target: string, headers: Record<string, string> = {}) =>
    protocol.claim({ method, target, headers: new Headers(headers) });

  test('is every path of its own', () => {
    for (const target of ['/graphs/api/', `/graphs/${requests}?i=60`, '/dashboard', '/Auth/Login', '/', '/stylesheets/style.css'])
      expect(claim('GET', target)).toEqual({ known: true, credentials: false, host: false, fallback: false });
    for (const target of ['/v1/series/', '/graphs/a/b/c', '/api/v1/projects']) expect(claim('GET', target)).toBe(undefined);
  });

  test('tells its cookie and its host', () => {
    expect(claim('GET', '/dashboard', { cookie: `x=1; token=${session}` })).toMatchObject({ credentials: true });
    expect(claim('GET', '/nothing', { host: 'microlog-metrics.herokuapp.com:443' })).toEqual({
      known: false,
      credentials: false,
      host: true,
      fallback: false,
    });
  });
});
