import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idFolder } from '@anyseries/core/node';
import { createIdRegistry, type IdRegistry } from '@anyseries/core/provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, createClient, type TimetricProvider } from '../src/index.ts';
import { alice, type Service, startService } from './server-fixture.ts';

let service: Service;
let asked: string[];
/** What happens before the server sees a request. */
let meanwhile: ((request: Request) => Promise<Response | undefined>) | undefined;

beforeEach(async () => {
  service = await startService();
  asked = [];
  meanwhile = undefined;
});
afterEach(() => service.close());

async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  asked.push(`${request.method} ${new URL(request.url).pathname.replace(/[\w-]{22}/, 'ID')}`);
  return (await meanwhile?.(request.clone() as Request)) ?? service.server.fetch(request);
}

const settings = { url: 'http://timetric.test', key: alice.key, secret: alice.secret, retry: { minDelayMs: 1, maxDelayMs: 1 } };

function open(registry?: IdRegistry): TimetricProvider {
  return connect({ ...settings, fetch: fetch as typeof globalThis.fetch, registry });
}

/** A server as the original was: without what ours knows beyond it, and without a search unless it is a late one. */
function original({ hasSearch = false } = {}) {
  meanwhile = async (request) => {
    const { pathname } = new URL(request.url);
    if (/\/metadata\/$/.test(pathname)) return new Response('', { status: 404 });
    if (/\/search\//.test(pathname) && (!hasSearch || pathname.includes('full')))
      return new Response('', { status: hasSearch ? 400 : 404 });
    if (pathname === '/create/') {
      const form = new URLSearchParams(await request.text());
      form.delete('anyseries_key');
      const { method, headers } = request;
      const { status, headers: told } = await service.server.fetch(new Request(request.url, { method, headers, body: form }));
      return new Response(null, { status: status === 201 ? 302 : status, headers: { location: told.get('location')! } });
    }
    const response = await service.server.fetch(request);
    response.headers.delete('etag');
    return response;
  };
}

describe('a write', () => {
  test('makes the series once, and goes as CSV with explicit times', async () => {
    const db = open();
    await db.write([{ series: 'pump', time: 1000, value: 1 }]);
    await db.write([
      { series: 'pump', time: 2000.001, value: true },
      { series: 'other', time: 1000, value: 2 },
    ]);
    expect(asked.filter((each) => each === 'POST /create/')).toHaveLength(2);
    expect(await service.store.read({ series: 'pump' }).toArray()).toEqual([
      { series: 'pump', time: 1000, value: 1 },
      { series: 'pump', time: 2000.001, value: true },
    ]);
  });

  test('of many at once to a new key makes one series, in one program and in two', async () => {
    const [one, two] = [open(), open()];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).write([{ series: 'pump', time: i * 1000, value: i }])),
    );
    expect(await service.store.series().toArray()).toHaveLength(1);
    expect(await one.read({ series: 'pump' }).toArray()).toHaveLength(20);
  });

  test('to a series that was deleted meanwhile makes it anew', async () => {
    const [db, other] = [open(), open()];
    await db.write([{ series: 'pump', time: 1000, value: 1 }]);
    await other.delete({ series: 'pump' });
    expect(await db.write([{ series: 'pump', time: 2000, value: 2 }])).toMatchObject({ stored: 1 });
    expect(await db.read({ series: 'pump' }).toArray()).toEqual([{ series: 'pump', time: 2000, value: 2 }]);
  });

  test('to an id that is no key writes to that series, and never makes another', async () => {
    const client = createClient({ ...settings, fetch: fetch as typeof globalThis.fetch });
    const { id } = await client.createSeries({ title: 'old', caption: 'c' });
    const db = open();
    await db.write([{ series: id, time: 1000, value: 1 }]);
    expect(await client.series(id).csv()).toBe('1.0,1.0\n');
    await client.series(id).delete();
    await expect(db.write([{ series: id, time: 1000, value: 1 }])).rejects.toMatchObject({ code: 'not-found' });
    expect(await service.store.series().toArray()).toEqual([]);
  });
});

describe('a range that is deleted', () => {
  test('leaves everything else, rows without a value too', async () => {
    const db = open();
    await db.write([1, 2, 3, 4].map((i) => ({ series: 'pump', time: i * 1000, value: i })));
    const client = createClient({ ...settings, fetch: fetch as typeof globalThis.fetch });
    const { series } = await client.search({ user: 'me' });
    await client.series(series[0]!.id).update('2.5,\n9,\n');
    await db.delete({ series: 'pump', start: 2000, end: 4000 });
    expect(await client.series(series[0]!.id).csv()).toBe('1.0,1.0\n4.0,4.0\n9.0,null\n');
    expect(await db.latest('pump')).toEqual({ series: 'pump', time: 4000, value: 4 });
  });

  test('loses nothing that another program writes between reading and writing', async () => {
    const db = open();
    await db.write([1, 2, 3].map((i) => ({ series: 'pump', time: i * 1000, value: i })));
    const other = open();
    let left = 3;
    meanwhile = async ({ method }) => {
      if (method === 'PUT' && left-- > 0) {
        const now = meanwhile;
        meanwhile = undefined;
        await other.write([{ series: 'pump', time: 10_000 + left, value: left }]);
        meanwhile = now;
      }
      return undefined;
    };
    await db.delete({ series: 'pump', start: 2000, end: 2000 });
    meanwhile = undefined;
    expect((await db.read({ series: 'pump' }).toArray()).map(({ time }) => time)).toEqual([1000, 3000, 10_000, 10_001, 10_002]);
    expect(asked.filter((each) => each === 'PUT /series/ID/')).toHaveLength(4);
  });

  test('of a series that changes all the time ends as a conflict', async () => {
    const db = open();
    await db.write([{ series: 'pump', time: 1000, value: 1 }]);
    meanwhile = async ({ method }) => (method === 'PUT' ? new Response('', { status: 412 }) : undefined);
    await expect(db.delete({ series: 'pump', start: 0, end: 5000 })).rejects.toMatchObject({ code: 'conflict', retryable: true });
  });

  test('loses nothing that the same program writes meanwhile, on a server that cannot tell', async () => {
    const registry = createIdRegistry();
    original();
    const db = open(registry);
    await db.write(Array.from({ length: 50 }, (_, i) => ({ series: 'pump', time: i * 1000, value: i })));
    await Promise.all([
      db.delete({ series: 'pump', start: 0, end: 25_000 }),
      ...Array.from({ length: 10 }, (_, i) => db.write([{ series: 'pump', time: 100_000 + i, value: i }])),
    ]);
    expect(await db.read({ series: 'pump' }).toArray()).toHaveLength(35);
  });
});

describe('on a server without keys', () => {
  test('a registry remembers which series stands for a key', async () => {
    original();
    const registry = createIdRegistry();
    await open(registry).write([{ series: 'pump', time: 1000, value: 1 }]);
    const [[key, id]] = (await Array.fromAsync(registry.list())) as [[string, string]];
    expect([key, id]).toEqual(['pump', expect.stringMatching(/^[\w-]{22}$/)]);
    expect(await open(registry).read({ series: 'pump' }).toArray()).toHaveLength(1);
    expect(await open().read({ series: 'pump' }).toArray()).toEqual([]);
    expect(await open().read({ series: id }).toArray()).toHaveLength(1);
    await open(registry).delete({ series: 'pump' });
    expect(await Array.fromAsync(registry.list())).toEqual([]);
  });

  test('two programs that share a registry make one series of the same name', async () => {
    original();
    const folder = mkdtempSync(join(tmpdir(), 'anyseries-timetric-'));
    const programs = Array.from({ length: 5 }, () => open(idFolder(folder)));
    await Promise.all(programs.map((db, i) => db.write([{ series: 'pump/3 ü', time: i * 1000, value: i }])));
    expect(await service.store.series().toArray()).toHaveLength(1);
    expect(await programs[0]!.read({ series: 'pump/3 ü' }).toArray()).toHaveLength(5);
    rmSync(folder, { recursive: true });
  });

  test('series are listed where there is a search: by the keys of the registry, else by their ids', async () => {
    original({ hasSearch: true });
    const registry = createIdRegistry();
    const db = open(registry);
    await db.write([{ series: 'pump', time: 1000, value: 1 }]);
    const { id } = await createClient({ ...settings, fetch: fetch as typeof globalThis.fetch }).createSeries({
      title: 'Old',
      caption: 'c',
      tags: ['a'],
    });
    const listed = await db.series().toArray();
    expect(listed).toHaveLength(2);
    expect(listed.find(({ key }) => key === 'pump')).toMatchObject({ attributes: {}, tags: [] });
    expect(listed.find(({ key }) => key === id)).toEqual({ key: id, id, name: 'Old', attributes: {}, tags: ['a'] });
  });

  test('what it cannot do fails as unsupported', async () => {
    original();
    const db = open();
    await expect(db.series().toArray()).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('no search') });
    await expect(db.putSeries({ key: 'pump', tags: ['a'] })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('no metadata'),
    });
    await expect(db.check()).resolves.toMatchObject({});
  });
});

test('a newest row without a value is no point; the newest point is before it', async () => {
  const db = open();
  await db.write([{ series: 'pump', time: 1000, value: 1 }]);
  const client = createClient({ ...settings, fetch: fetch as typeof globalThis.fetch });
  const [found] = (await client.search()).series;
  await client.series(found!.id).update('2,false\n3,\n');
  expect(await db.latest('pump')).toEqual({ series: 'pump', time: 2000, value: false });
  await client.series(found!.id).rewrite('3,\n');
  expect(await db.latest('pump')).toBe(undefined);
});

test('a series of another protocol goes by its key there', async () => {
  await service.store.write([{ series: 'born{in="another"}', time: 1000, value: 1 }]);
  await service.store.putSeries({ key: 'born{in="another"}', name: 'Born', attributes: { a: 'b' }, tags: ['t'] });
  const db = open();
  expect(await db.series().toArray()).toEqual([
    { key: 'born{in="another"}', id: expect.stringMatching(/^[\w-]{22}$/), name: 'Born', attributes: { a: 'b' }, tags: ['t'] },
  ]);
  await db.write([{ series: 'born{in="another"}', time: 2000, value: 2 }]);
  expect(await service.store.read({ series: 'born{in="another"}' }).toArray()).toHaveLength(2);
});

test('many series are listed over all pages', async () => {
  await service.store.write(Array.from({ length: 2345 }, (_, i) => ({ series: `s${i}`, time: 0, value: i })));
  expect(await open().series().toArray()).toHaveLength(2345);
});

test('a long series is read in pages, the newest first as well', async () => {
  const db = open();
  const points = Array.from({ length: 30_000 }, (_, i) => ({ series: 'long', time: i * 1000, value: i % 7 }));
  await db.write(points);
  const pages = await Array.fromAsync(db.read({ series: 'long' }).pages());
  expect(pages.length).toBeGreaterThan(1);
  expect(await db.read({ series: 'long' }).toArray()).toEqual(points);
  expect(await db.read({ series: 'long', order: 'descending' }).toArray()).toEqual(points.toReversed());
  expect(await db.read({ series: 'long', start: 5_000_000, limit: 3 }).toArray()).toEqual(points.slice(5000, 5003));
});
