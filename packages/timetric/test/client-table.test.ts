import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient, readConfig, type TimetricClient, type TimetricSeries } from '../src/index.ts';
import { alice, consumer, type Service, start, startService, token } from './server-fixture.ts';

let service: Service;
let client: TimetricClient;

const url = 'http://timetric.test';

beforeEach(async () => {
  service = await startService();
  client = createClient({ ...settings(), key: alice.key, secret: alice.secret });
});
afterEach(async () => {
  await client.close();
  await service.close();
});

function settings() {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => service.server.fetch(new Request(input, init));
  return { url, fetch: fetch as typeof globalThis.fetch, clock: service.clock };
}

async function made(data?: string): Promise<TimetricSeries> {
  return client.createSeries({ title: 'pump', caption: 'in the cellar', data });
}

/** What each call of the table does, against the protocol server; named by the first column. */
const rows: Readonly<Record<string, () => Promise<void>>> = {
  async 'createClient(settings)'() {
    const byOAuth = { consumerKey: consumer.key, consumerSecret: consumer.secret, token: token.key, tokenSecret: token.secret };
    expect(await createClient({ ...settings(), ...byOAuth }).search()).toEqual({ total: 0, series: [] });
    expect(await client.search()).toEqual({ total: 0, series: [] });
  },
  async 'readConfig(config)'() {
    const config = { consumer_key: consumer.key, consumer_secret: consumer.secret, oauth_token: token.key, oauth_secret: token.secret };
    expect(await createClient({ ...settings(), ...readConfig(config) }).search()).toEqual({ total: 0, series: [] });
  },
  async 'getRequestToken(options)'() {
    const application = createClient({ ...settings(), consumerKey: consumer.key, consumerSecret: consumer.secret });
    expect(await application.getRequestToken()).toMatchObject({ version: '1.0a', callback: 'oob' });
    expect(await application.getRequestToken({ version: '1.0' })).toMatchObject({ version: '1.0' });
  },
  async 'getAuthorizeUrl(token)'() {
    const application = createClient({ ...settings(), consumerKey: consumer.key, consumerSecret: consumer.secret });
    const { url: page, token: requested } = await application.getAuthorizeUrl();
    expect(page).toBe(`${url}/oauth/authorize/?oauth_token=${requested.key}`);
  },
  async 'getAccessToken(token, verifier)'() {
    const application = createClient({ ...settings(), consumerKey: consumer.key, consumerSecret: consumer.secret });
    const requested = await application.getRequestToken({ version: '1.0' });
    await expect(application.getAccessToken(requested)).rejects.toMatchObject({
      message: expect.stringContaining('has been approved too'),
    });
    const { createRequestTokens } = await import('../src/server/request-tokens.ts');
    await createRequestTokens(service.store, service.vault, service.clock, 1).approve(requested.key, alice.user);
    expect(await application.getAccessToken(requested)).toEqual({ key: expect.any(String), secret: expect.any(String) });
    expect(await application.search()).toEqual({ total: 0, series: [] });
  },
  async 'authorize(options)'() {
    await expect(client.authorize({ open: () => {} })).rejects.toMatchObject({ code: 'unsupported' });
  },
  async 'series(id)'() {
    expect(client.series('--86fpHQT2uMKl1-Cx-TxA').id).toBe('--86fpHQT2uMKl1-Cx-TxA');
  },
  async 'createSeries(fields)'() {
    const data = [
      [new Date(1000), 1],
      [2000, null],
    ] as const;
    const fields = {
      title: 't',
      caption: 'c',
      tags: ['a', 'b'],
      description: 'd',
      latitude: 52.5,
      longitude: -1,
      public: true,
      more: { x: 'y' },
    };
    const series = await client.createSeries({ ...fields, data });
    expect(await series.csv()).toBe('1.0,1.0\n2.0,null\n');
    expect(await service.store.series().toArray()).toMatchObject([
      { name: 't', attributes: { caption: 'c', description: 'd', latitude: '52.5', longitude: '-1', x: 'y' }, tags: ['a', 'b'] },
    ]);
    expect(await (await client.createSeries({ title: 't', caption: 'c' })).csv()).toBe('');
  },
  async 'search(query)'() {
    const { id } = await client.createSeries({ title: 'pump', caption: 'c', tags: ['public data'] });
    expect(await client.search({ text: 'PUMP', user: 'me', tags: ['public data'], pageSize: 5, page: 1 })).toEqual({
      total: 1,
      series: [{ id, title: 'pump', caption: 'c', tags: ['public data'], owner: 'alice' }],
    });
    expect(await client.search({ tags: ['other'] })).toEqual({ total: 0, series: [] });
  },
  async 'searchFeed(query)'() {
    expect(await client.searchFeed({ text: 'pump' })).toContain('<title>Timetric Search: pump</title>');
  },
  async 'request(request)'() {
    const { id } = await made('1,2\n');
    expect(await client.request({ path: `/series/${id}/csv/unix.csv` })).toBe('1.0,2.0\n');
    expect(await client.request({ path: '/search/results.thin.json', params: { q: 'pump' } })).toContain(id);
    await client.request({ method: 'POST', path: `/series/${id}/`, params: { increment: '1' } });
    await client.request({ method: 'PUT', path: `/series/${id}/`, csv: '3,4\n' });
    expect(await client.series(id).csv()).toBe('3.0,4.0\n');
    await client.request({ method: 'DELETE', path: `/series/${id}/` });
    await expect(client.series(id).csv()).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'series.latest()'() {
    expect(await (await made('1,2\n3,4\n')).latest()).toEqual({ time: 3000, value: 4 });
    expect(await (await made('3,\n')).latest()).toEqual({ time: 3000, value: null });
    expect(await (await made()).latest()).toBe(undefined);
  },
  async 'series.csv()'() {
    const series = await made('1.25,true\n');
    expect(await series.csv()).toBe('1.25,true\n');
    expect(await series.csv({ times: 'iso' })).toBe('1970-01-01T00:00:01.25Z,true\n');
  },
  async 'for await (const { time, value } of series)'() {
    const found = [];
    for await (const { time, value } of await made('1,1.5\n2,null\n3,false\n4,true\n')) found.push([time, value]);
    expect(found).toEqual([
      [1000, 1.5],
      [2000, null],
      [3000, false],
      [4000, true],
    ]);
  },
  async 'series.toNumber()'() {
    expect(await (await made('1,2.5\n')).toNumber()).toBe(2.5);
    await expect((await made('1,null\n')).toNumber()).rejects.toMatchObject({
      code: 'invalid',
      message: 'value: the newest value is null, which is no number',
    });
  },
  async 'series.update(value)'() {
    const series = await made();
    service.clock.time = start + 0.25;
    for (const value of [14.123456789012344, true, null]) {
      await series.update(value);
      service.clock.time += 1000;
    }
    expect(await series.csv()).toBe('1244721053.00025,14.123456789012344\n1244721054.00025,true\n1244721055.00025,null\n');
  },
  async 'series.update(rows)'() {
    const series = await made('1,1\n');
    await series.update([
      [1000, 10],
      ['1970-01-01T00:00:02Z', 2],
    ]);
    expect(await series.csv()).toBe('1.0,10.0\n2.0,2.0\n');
  },
  async 'series.update(file)'() {
    const series = await made();
    await series.update(new Blob(['2003-04-06T00:00:00, 97755.0\n']));
    expect(await series.csv()).toBe('1049587200.0,97755.0\n');
  },
  async 'series.increment(amount)'() {
    const series = await made('1,2\n');
    await series.increment(0.5);
    expect(await series.toNumber()).toBe(2.5);
  },
  async 'series.decrement(amount)'() {
    const series = await made('1,2\n');
    await series.decrement(5);
    expect(await series.toNumber()).toBe(-3);
  },
  async 'series.rewrite(data)'() {
    const series = await made('1,1\n');
    await series.rewrite([[5000, 5]]);
    expect(await series.csv()).toBe('5.0,5.0\n');
    await series.rewrite('');
    expect(await series.csv()).toBe('');
  },
  async 'series.delete()'() {
    const series = await made('1,1\n');
    await series.delete();
    await expect(series.csv()).rejects.toMatchObject({ code: 'not-found' });
    await expect(series.delete()).rejects.toMatchObject({ code: 'not-found' });
  },
};

const page = readFileSync(new URL('../../../docs/clients/timetric.md', import.meta.url), 'utf8');
const listed = Array.from(page.matchAll(/^\| `([^`]+)` \|/gm), ([, call]) => call!);

test('the table lists what is tested, and nothing else', () => {
  expect(listed).toEqual(Object.keys(rows));
});

test.each(Object.entries(rows))('%s', (_, check) => check());
