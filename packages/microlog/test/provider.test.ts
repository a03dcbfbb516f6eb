import { type Capabilities, type Point, type Provider, seriesKey } from '@anyseries/core';
import { connect, createGraphRegistry, createMicrolog, type GraphRegistry, type MicrologProvider } from '@anyseries/microlog';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, bobsGraph, documentTime, documentUsers, errors, requests, type Service, standingClock, startService } from './service.ts';

const t0 = (documentTime - 600) * 1000;

let service: Service;

beforeEach(async () => {
  service = await startService({ clock: standingClock(), users: documentUsers });
});
afterEach(() => service.close());

const gateway = (more = {}) => connect({ ...service.settings, clock: standingClock(), ...more });
const original = (more = {}) => connect({ ...service.settings, clock: standingClock(), server: 'original', ...more });

describe('what a provider can do', () => {
  test('follows from the literal in the settings', async () => {
    await using rich = gateway();
    expect(rich.capabilities).toMatchObject({
      write: { idempotencyKey: true, outcome: 'stored' },
      read: { windows: 'any', series: true, latest: true },
    });
    expect((await rich.latest('Requests')) satisfies Point<number | bigint> | undefined).toBe(undefined);
    // @ts-expect-error duplicates add, so that there is nothing to delete
    await expect(async () => rich.delete({ series: 'Requests' })).rejects.toMatchObject({ code: 'unsupported' });

    await using poor = original();
    expect(poor.capabilities).toMatchObject({
      write: { limits: { maxSeries: 1 }, outcome: 'unconfirmed' },
      values: ['integer'],
      times: { resolution: 's' },
    });
    expect(poor.capabilities).not.toHaveProperty('read');
    // @ts-expect-error an original server cannot be read
    expect(() => poor.read({ series: 'Requests' })).toThrow(expect.objectContaining({ code: 'unsupported' }));
    // @ts-expect-error an original server cannot be read
    expect(() => poor.series()).toThrow(expect.objectContaining({ code: 'unsupported' }));
    // @ts-expect-error an original server cannot be read
    await expect(async () => poor.latest('Requests')).rejects.toMatchObject({ code: 'unsupported' });

    // @ts-expect-error texts are not kept
    expect((await rich.write([{ series: 'Requests', value: 'text' }])).rejected).toHaveLength(1);
    // @ts-expect-error a server is one of two
    expect(() => connect({ server: 'other' })).toThrow(expect.objectContaining({ code: 'invalid' }));

    const either = connect({ server: 'gateway' as 'original' | 'gateway' });
    // @ts-expect-error what is not known to be there cannot be used
    expect(either.read).toBeDefined();
    expect(either satisfies Provider<Capabilities & { write: object }> | MicrologProvider<'original'>).toBeDefined();
    await either.close();
  });

  test('is the same under both names', () => {
    expect(createMicrolog).toBe(connect);
  });
});

describe('series and graphs', () => {
  test('a series is found by the name of its graph, or by its id', async () => {
    await using provider = gateway();
    await provider.write([
      { series: 'Requests', time: t0, value: 2 },
      { series: requests, time: t0, value: 3 },
    ]);
    expect(await service.series(requests)).toEqual([[t0 / 1000, 5]]);
    expect(await provider.read({ series: requests }).toArray()).toEqual([{ series: requests, time: t0, value: 5 }]);
    expect(await provider.series().toArray()).toEqual([
      { key: 'Errors', id: errors, name: 'Errors', attributes: {}, tags: [] },
      { key: 'Requests', id: requests, name: 'Requests', attributes: {}, tags: [] },
    ]);
  });

  test('one without a graph gets one where the password is known, whatever its key', async () => {
    await using provider = gateway({ password: ada.password });
    const keys = [seriesKey({ name: 'temperature', labels: { room: 'kitchen "2"' } }), ' <b> & "é"\r\n', 'x'.repeat(1024)];
    const result = await provider.write(keys.map((series, value) => ({ series, time: t0, value })));
    expect(result).toEqual({ stored: 3, unconfirmed: 0, rejected: [] });
    expect((await provider.series().toArray()).map(({ key }) => key)).toEqual(['Errors', 'Requests', ...keys].sort());
    for (const [value, series] of keys.entries()) expect((await provider.latest(series))?.value).toBe(value);
  });

  test('one without a graph is refused where it is not, and its neighbours are stored', async () => {
    await using provider = gateway();
    const { stored, rejected } = await provider.write([
      { series: 'Nobody', time: t0, value: 1 },
      { series: 'Requests', time: t0, value: 2 },
      { series: bobsGraph, time: t0, value: 3 },
    ]);
    expect(stored).toBe(1);
    expect(rejected).toEqual([
      { index: 0, code: 'not-found', message: expect.stringContaining("'password' (MICROLOG_PASSWORD)") },
      { index: 2, code: 'not-found', message: expect.stringContaining(bobsGraph) },
    ]);
  });

  test('of several graphs of one name the oldest has it, and the others have their ids', async () => {
    for (const graph_name of ['Requests', 'a\u0000b'])
      await service.ask('/dashboard/new', { session: 'SessionAda0000000001', form: { graph_name } });
    await using provider = gateway();
    const series = await provider.series().toArray();
    expect(series.find(({ key }) => key === 'Requests')?.id).toBe(requests);
    expect(
      series
        .filter(({ key, id }) => key === id)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Requests', 'a\u0000b']);
  });

  test('providers that make the same graph at the same time write to the same one', async () => {
    const providers = Array.from({ length: 4 }, () => gateway({ password: ada.password }));
    await Promise.all(providers.map((provider) => provider.write([{ series: 'shared', time: t0, value: 1 }])));
    await using reader = gateway();
    // all of them now know the oldest; what was written to another before is there as well, under its id
    const all = await reader.read({ series: {} }).toArray();
    expect(all.reduce((sum, { value }) => sum + Number(value), 0)).toBe(4);
    await Promise.all(providers.map((provider) => provider.close()));
  });

  test('a graph that has gone is looked for again', async () => {
    await service.store.write([{ series: 'boiler', time: t0, value: 1 }]);
    await using provider = gateway({ password: ada.password });
    await provider.write([{ series: 'boiler', time: t0, value: 1 }]);
    await service.store.delete({ series: 'boiler' });
    expect((await provider.write([{ series: 'boiler', time: t0, value: 5 }])).rejected).toMatchObject([{ code: 'not-found' }]);
    expect((await provider.write([{ series: 'boiler', time: t0, value: 5 }])).stored).toBe(1);
    expect((await provider.latest('boiler'))?.value).toBe(5);
  });

  test('with an original server the password lets graphs be looked up and made', async () => {
    const registered = new Map<string, string>();
    const graphs: GraphRegistry = {
      get: async (series) => registered.get(series),
      set: async (series, graph) => void registered.set(series, graph),
    };
    await using provider = original({ password: ada.password, graphs });
    await provider.write([
      { series: 'Requests', time: t0, value: 1 },
      { series: 'New', time: t0, value: 2 },
    ]);
    expect(await service.series(requests)).toEqual([[t0 / 1000, 1]]);
    expect([...registered.keys()]).toEqual(['New']);
    expect(await service.series(registered.get('New')!)).toEqual([[t0 / 1000, 2]]);
  });

  test.each([
    ['a record', { requests, errors }],
    ['a registry', createGraphRegistry({ requests, errors })],
  ])('without the password graphs are told by %s, or by their ids', async (_, graphs) => {
    await using provider = original({ graphs });
    const result = await provider.write([
      { series: 'requests', time: t0, value: 1 },
      { series: errors, time: t0, value: 2 },
      { series: 'unknown', time: t0, value: 3 },
    ]);
    expect(result).toMatchObject({
      unconfirmed: 2,
      rejected: [{ index: 2, code: 'not-found', message: expect.stringContaining("'graphs'") }],
    });
    expect([await service.series(requests), await service.series(errors)]).toEqual([[[t0 / 1000, 1]], [[t0 / 1000, 2]]]);
    expect(service.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });
});

describe('reading', () => {
  test('tells one point per second: the sum of what was sent, as the page shows it', async () => {
    await service.write([
      {
        graph: requests,
        points: [{ time: 7.25, count: 2 }, { time: 7.75, count: 3 }, { time: 8, count: 2.9 }, { time: 9, count: '4' }, { time: 10 }],
      },
    ]);
    await using provider = gateway();
    expect((await provider.read({ series: 'Requests' }).toArray()).map(({ time, value }) => [time, value])).toEqual([
      [7000, 5],
      [8000, 2],
      [9000, 4],
    ]);
  });

  test('leaves out what is no whole number up to 2^53 in a series of another protocol', async () => {
    await service.store.write([1.5, 2, true, 'x', 2n ** 60n].map((value, second) => ({ series: 'mixed', time: second * 1000, value })));
    await using provider = gateway();
    expect((await provider.read({ series: 'mixed' }).toArray()).map(({ time, value }) => [time, value])).toEqual([
      [1000, 2],
      [2000, 1],
    ]);
  });

  test('goes backwards as well, over dense stretches and wide gaps, with any limit', async () => {
    const times = [-5, 0, 1e9, ...Array.from({ length: 12_000 }, (_, second) => 1_400_000_000 + second), documentTime, documentTime + 500];
    await service.store.write(times.map((time) => ({ series: requests, time: time * 1000, value: time })));
    await using provider = gateway();
    const descending = times.toReversed();
    for (const limit of [1, 2, 3, 5, 2000, 20_000]) {
      const read = await provider.read({ series: 'Requests', order: 'descending', limit }).toArray();
      expect(read.map(({ time }) => time / 1000)).toEqual(descending.slice(0, limit));
    }
    const range = await provider.read({ series: 'Requests', start: 0, end: 1_400_000_002_000, order: 'descending' }).toArray();
    expect(range.map(({ time }) => time / 1000)).toEqual([1_400_000_001, 1_400_000_000, 1e9, 0]);
    expect((await provider.latest('Requests'))?.time).toBe((documentTime + 500) * 1000);
  });

  test('covers whole seconds: a range that begins or ends within one takes those that begin in it', async () => {
    await service.store.write([1, 2, 3].map((second) => ({ series: requests, time: second * 1000, value: second })));
    await using provider = gateway();
    const values = async (start: number, end: number) =>
      (await provider.read({ series: 'Requests', start, end }).toArray()).map(({ value }) => value);
    expect(await values(1001, 3001)).toEqual([2, 3]);
    expect(await values(1000, 2999)).toEqual([1, 2]);
    expect(await values(2001, 2999)).toEqual([]);
  });
});

describe('a wrong server, or wrong credentials', () => {
  const plain =
    (status: number, text: string, headers = {}) =>
    async () =>
      new Response(text, { status, headers: { 'content-type': 'text/html', ...headers } });

  test('an original server is never asked by GET, and named where a gateway was expected', async () => {
    const old = await startService({ users: documentUsers, settings: { extension: false } });
    await using provider = connect(old.settings);
    await expect(provider.read({ series: 'Requests' }).toArray()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining("server: 'original'"),
    });
    await expect(provider.write([{ series: 'Requests', value: 1 }])).rejects.toMatchObject({ code: 'unsupported' });
    await expect(provider.check()).rejects.toMatchObject({ code: 'unsupported' });
    expect(new Set(old.requests.map(({ method }) => method))).toEqual(new Set(['OPTIONS']));
    await old.close();
  });

  test('check proves the credentials, and tells how far the clocks are apart', async () => {
    for (const provider of [gateway(), original()]) {
      expect(await provider.check()).toMatchObject({ clockSkewMs: 0 });
      await provider.close();
    }
    for (const connected of [gateway({ token: 'wrong' }), original({ token: 'wrong' })]) {
      const advice = "check the settings 'username' and 'token', or MICROLOG_USERNAME and MICROLOG_API_TOKEN";
      await expect(connected.check()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining(advice) });
      await connected.close();
    }
    await using elsewhere = connect({ ...service.settings, server: 'original', fetch: plain(404, '<h1>Not Found</h1><h2></h2>') as never });
    await expect(elsewhere.check()).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining("'url'") });
    expect(await service.list(requests)).toEqual([]);
  });

  test('a wrong password is named', async () => {
    await using provider = original({ password: 'wrong' });
    await expect(provider.write([{ series: 'Requests', value: 1 }])).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining("'username' and 'password'"),
      outcome: { unsent: [0] },
    });
  });

  test('a page that is no dashboard is told', async () => {
    const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
      const answer = await service.settings.fetch(input, init);
      return (input as Request).url.endsWith('/dashboard') ? new Response('<h1>Maintenance</h1>') : answer;
    };
    await using provider = original({ password: ada.password, fetch });
    await expect(provider.write([{ series: 'Requests', value: 1 }])).rejects.toMatchObject({
      message: expect.stringContaining('no dashboard'),
    });
  });
});
