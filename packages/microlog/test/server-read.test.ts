import type { Json } from '@anyseries/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bucketLabel } from '../src/wire/graph-window.ts';
import { readChart } from '../src/wire/pages.ts';
import {
  ada,
  bobsGraph,
  documentTime,
  documentUsers,
  errors,
  requests,
  type Service,
  type SettableClock,
  session,
  standingClock,
  startService,
} from './service.ts';

const t0 = documentTime - 600;
const basic = { authorization: `Basic ${btoa(`ada:${ada.token}`)}` };

let clock: SettableClock;
let service: Service;

beforeEach(async () => {
  clock = standingClock();
  service = await startService({ clock, users: documentUsers });
});
afterEach(() => service.close());

interface PointsAnswer {
  readonly name: string;
  readonly points: { time: number; count: number; text: string }[];
  readonly next: string | null;
}

async function points(graph: string, query = ''): Promise<PointsAnswer> {
  const answer = await service.ask(`/graphs/api/${graph}/points${query}`, { headers: basic });
  expect(answer.status).toBe(200);
  return (await answer.json()) as PointsAnswer;
}

async function counts(graph: string, query = ''): Promise<[number, number][]> {
  return (await points(graph, query)).points.map(({ time, count }) => [time, count]);
}

async function sums(graph: string, query: string): Promise<[number, number, number][]> {
  const answer = await service.ask(`/graphs/api/${graph}/sums${query}`, { headers: basic });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { sums: { time: number; sum: number; points: number }[] }).sums.map((each) => [
    each.time,
    each.sum,
    each.points,
  ]);
}

/** The numbers of a page that are not 0, by bucket. */
async function page(graph: string, query = ''): Promise<Record<number, number>> {
  const answer = await service.ask(`/graphs/${graph}${query}`);
  expect(answer.status).toBe(200);
  const { data } = readChart(await answer.text())!;
  return Object.fromEntries([...data.entries()].filter(([, sum]) => sum !== 0));
}

/** The id of the graph that stands for a series of another protocol. */
async function graphOf(series: string): Promise<string> {
  const { graphs } = (await (await service.ask('/graphs/api/', { headers: basic })).json()) as {
    graphs: { id: string; series?: string }[];
  };
  return graphs.find((graph) => graph.series === series)!.id;
}

const write = (graph: string, ...list: readonly Json[]) => service.write([{ graph, points: list }]);

describe('a graph page', () => {
  test('sums what parseInt makes of each count', async () => {
    await write(requests, ...[2.9, -1.2, '7 apples', 1e21, 5e-7, true, null, 'x', [3, 4]].map((count) => ({ time: t0, count })));
    expect(await page(requests, '?i=60')).toEqual({ 90: 2 - 1 + 7 + 1 + 5 + 3 });
  });

  test('counts a point in the future part of the running bucket, and none beyond', async () => {
    await write(requests, { time: documentTime + 16, count: 1 }, { time: documentTime + 17, count: 2 });
    expect(await page(requests, '?i=60')).toEqual({ 120: 1 });
  });

  test('remembers its scale for everybody', async () => {
    await write(requests, { time: t0, count: 3 });
    expect(await page(requests)).toEqual({ 90: 3 });
    expect(await page(requests, '?i=3600')).toEqual({ 119: 3 });
    expect(await page(requests)).toEqual({ 119: 3 });
    expect(await page(requests, '?i=-7')).toEqual({});
    expect(await page(requests)).toEqual({});
  });

  test.each([
    ['?i=60&i=3600', 60],
    ['?i[]=300', 300],
    ['?i[0]=300&i[1]=60', 300],
    ['?i[a]=1', 60],
    ['?I=3600', 60],
  ])('reads its scale as the service did: %s', async (query, scale) => {
    const html = await (await service.ask(`/graphs/${requests}${query}`)).text();
    const interval = Math.ceil(scale / 3);
    const last = Math.floor(documentTime / interval) * interval;
    expect(readChart(html)!.labels.at(-1)).toBe(bucketLabel(last));
    expect(readChart(html)!.labels.at(0)).toBe(bucketLabel(last - 120 * interval));
  });

  test('is there for everybody who knows the id, and for nobody else', async () => {
    expect((await service.ask(`/graphs/${bobsGraph}`)).status).toBe(200);
    for (const id of ['NoSuchGraph000000000', 'api', requests.toLowerCase(), '%00', 'a%2Fb', '__proto__'])
      expect([id, (await service.ask(`/graphs/${id}`)).status]).toEqual([id, id === 'api' ? 401 : 404]);
    expect((await service.ask('/graphs/%zz')).status).toBe(400);
  });

  test('asks for a session where the server is told so, and shows no graph of others', async () => {
    const closed = await startService({ users: documentUsers, settings: { graphPages: 'session' } });
    const answer = await closed.ask(`/graphs/${requests}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/login?e=3']);
    expect((await closed.ask(`/graphs/${requests}`, { session })).status).toBe(200);
    expect((await closed.ask(`/graphs/${bobsGraph}`, { session })).status).toBe(404);
    await closed.close();
  });

  test('of a series of another protocol sums the series', async () => {
    await service.store.write([
      { series: 'boiler', time: t0 * 1000, value: 20.7 },
      { series: 'boiler', time: t0 * 1000 + 250, value: 20.7 },
      { series: 'boiler', time: t0 * 1000 + 500, value: true },
      { series: 'boiler', time: t0 * 1000 + 750, value: 'off' },
    ]);
    expect(await page(await graphOf('boiler'), '?i=60')).toEqual({ 90: 41 });
  });
});

describe('points', () => {
  test('come by time and then as they arrived, page by page', async () => {
    await write(requests, { time: t0 + 3, count: 1 }, { time: t0, count: 2, text: 'boot' }, { time: t0 + 0.5, count: 3 });
    clock.seconds += 10;
    await write(requests, { time: t0, count: 4, text: 9 }, { time: t0 - 4000, count: 5 });
    const all = [
      { time: t0 - 4000, count: 5, text: '' },
      { time: t0, count: 2, text: 'boot' },
      { time: t0, count: 4, text: '9' },
      { time: t0 + 0.5, count: 3, text: '' },
      { time: t0 + 3, count: 1, text: '' },
    ];
    expect(await points(requests)).toEqual({ graph: requests, name: 'Requests', points: all, next: null });
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const collected: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const answer: PointsAnswer = await points(requests, `?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        expect(answer.points.length).toBeLessThanOrEqual(limit);
        collected.push(...answer.points);
        cursor = answer.next;
      }
      expect(collected).toEqual(all);
    }
  });

  test('that arrive between two pages at a time that was told are told on the next', async () => {
    await write(requests, { time: t0, count: 1 }, { time: t0, count: 2 });
    const first = await points(requests, '?limit=2');
    expect(first.next).toBe(null);
    const { next } = await points(requests, '?limit=1');
    await write(requests, { time: t0, count: 3 });
    expect(await counts(requests, `?limit=5&cursor=${next}`)).toEqual([
      [t0, 2],
      [t0, 3],
    ]);
  });

  test('are those of a range, its end excluded', async () => {
    await write(requests, ...[0, 0.5, 1, 1.5, 2].map((offset) => ({ time: t0 + offset, count: 1 })));
    const times = async (query: string) => (await counts(requests, query)).map(([time]) => time - t0);
    expect(await times(`?start=${t0 + 0.5}&end=${t0 + 1.5}`)).toEqual([0.5, 1]);
    expect(await times(`?start=${t0 + 2}`)).toEqual([2]);
    expect(await times(`?end=${t0}`)).toEqual([]);
    expect(await times('?start=5&end=5')).toEqual([]);
    expect(await times('?start=9&end=5')).toEqual([]);
  });

  test.each([
    ['points', 'start=x', 'start'],
    ['points', 'end=', 'end'],
    ['points', 'start=NaN', 'start'],
    ['points', 'limit=0', 'limit'],
    ['points', 'limit=10001', 'limit'],
    ['points', 'limit=1.5', 'limit'],
    ['points', 'cursor=abc', 'cursor'],
    ['points', 'cursor=', 'cursor'],
    ['points', 'cursor=1:x', 'cursor'],
    ['sums', '', 'interval'],
    ['sums', 'interval=0', 'interval'],
    ['sums', 'interval=1e400', 'interval'],
    ['sums', 'interval=1&end=x', 'end'],
  ])('%s?%s has a bad parameter', async (resource, query, name) => {
    const answer = await service.ask(`/graphs/api/${requests}/${resource}?${query}`, { headers: basic });
    expect([answer.status, await answer.text()]).toEqual([400, `Error: bad parameter ${name}`]);
  });

  test('are told to who owns the graph, by token or by session', async () => {
    const status = async (graph: string, asked: object) => (await service.ask(`/graphs/api/${graph}/points`, asked)).status;
    expect(await status(requests, { headers: basic })).toBe(200);
    expect(await status(requests, { session })).toBe(200);
    expect(await status(requests, {})).toBe(401);
    expect(await status(requests, { headers: { authorization: `Basic ${btoa('ada:wrong')}` } })).toBe(401);
    expect(await status(requests, { headers: { authorization: 'Basic %%%' } })).toBe(401);
    expect(await status(requests, { headers: { authorization: 'Basic YQ' }, session })).toBe(401);
    expect(await status(bobsGraph, { headers: basic })).toBe(404);
    expect(await status('NoSuchGraph000000000', { headers: basic })).toBe(404);
  });

  test('are told to names with colons', async () => {
    const users = [{ name: 'a:b:ü', token: 'ToKen000000000000001', graphs: [{ id: requests }] }];
    const other = await startService({ users });
    const bytes = Array.from(new TextEncoder().encode(`a:b:ü:${users[0]!.token}`), (byte) => String.fromCharCode(byte)).join('');
    expect((await other.ask('/graphs/api/', { headers: { authorization: `Basic ${btoa(bytes)}` } })).status).toBe(200);
    await other.close();
  });
});

describe('sums', () => {
  test('add counts as they are, over buckets aligned to the epoch that hold a point', async () => {
    await write(requests, { time: t0, count: 2.5 }, { time: t0 + 0.5, count: 1 }, { time: t0 + 7, count: -3 });
    const start = Math.floor(t0 / 5) * 5;
    expect(await sums(requests, `?start=${t0}&end=${t0 + 8}&interval=5`)).toEqual([
      [start, 3.5, 2],
      [start + 10, -3, 1],
    ]);
    expect(await sums(requests, '?interval=1000000000')).toEqual([[1_000_000_000, 0.5, 3]]);
  });

  test('of more buckets than anybody reads are refused', async () => {
    await service.store.write(Array.from({ length: 100_001 }, (_, second) => ({ series: 'dense', time: second * 1000, value: 1 })));
    const id = await graphOf('dense');
    const answer = await service.ask(`/graphs/api/${id}/sums?interval=1`, { headers: basic });
    expect([answer.status, await answer.text()]).toEqual([400, 'Error: bad parameter interval']);
    expect(await sums(id, '?interval=100000')).toEqual([
      [0, 100_000, 100_000],
      [100_000, 1, 1],
    ]);
  });
});

describe('what other protocols do to a graph', () => {
  beforeEach(() => write(requests, { time: t0, count: 2, text: 'a' }, { time: t0, count: 3 }, { time: t0 + 1, count: 4 }));

  test('a value that is written over what was sent is what shows', async () => {
    await service.store.write([{ series: requests, time: t0 * 1000, value: 100 }]);
    expect(await points(requests)).toMatchObject({
      points: [
        { time: t0, count: 100, text: '' },
        { time: t0 + 1, count: 4 },
      ],
    });
    expect(await page(requests, '?i=60')).toEqual({ 90: 104 });
    await write(requests, { time: t0, count: 1 });
    expect(await counts(requests)).toEqual([
      [t0, 101],
      [t0 + 1, 4],
    ]);
  });

  test('what is deleted shows no more', async () => {
    await service.store.delete({ series: requests, start: t0 * 1000, end: t0 * 1000 });
    expect(await counts(requests)).toEqual([[t0 + 1, 4]]);
    expect(await sums(requests, '?interval=60')).toEqual([[Math.floor((t0 + 1) / 60) * 60, 4, 1]]);
    await service.store.delete({ series: requests });
    expect(await counts(requests)).toEqual([]);
    expect(await page(requests)).toEqual({});
    await write(requests, { time: t0, count: 1 });
    expect(await counts(requests)).toEqual([[t0, 1]]);
  });

  test('of several points within a second the last is a point, and all are in the sum', async () => {
    await service.store.write([0, 250, 500].map((ms) => ({ series: requests, time: (t0 + 5) * 1000 + ms, value: ms + 1 })));
    expect(await counts(requests, `?start=${t0 + 5}`)).toEqual([[t0 + 5, 501]]);
    expect(await sums(requests, `?start=${t0 + 5}&interval=1`)).toEqual([[t0 + 5, 753, 3]]);
  });

  test('texts are left out and counted, booleans are 1 and 0, and integers keep all digits', async () => {
    await service.store.write([
      { series: 'mixed', time: t0 * 1000, value: 'text' },
      { series: 'mixed', time: (t0 + 1) * 1000, value: true },
      { series: 'mixed', time: (t0 + 2) * 1000, value: 2n ** 60n + 1n },
      { series: 'mixed', time: (t0 + 3) * 1000, value: -0 },
    ]);
    const answer = await service.ask(`/graphs/api/${await graphOf('mixed')}/points`, { headers: basic });
    expect(answer.headers.get('anyseries-omitted')).toBe('1');
    expect(await answer.text()).toContain(
      `[{"time":${t0 + 1},"count":1,"text":""},{"time":${t0 + 2},"count":1152921504606846977,"text":""},{"time":${t0 + 3},"count":-0,"text":""}]`,
    );
  });

  test('a series gets its id when it is listed first, keeps it, and is gone with the series', async () => {
    await service.store.putSeries({ key: 'pump{unit="7"}', name: 'Pump' });
    const id = await graphOf('pump{unit="7"}');
    expect(await graphOf('pump{unit="7"}')).toBe(id);
    expect(await points(id)).toMatchObject({ graph: id, name: 'Pump' });
    await service.store.delete({ series: 'pump{unit="7"}' });
    expect((await service.ask(`/graphs/${id}`)).status).toBe(404);
    await service.store.putSeries({ key: 'pump{unit="7"}' });
    expect(await graphOf('pump{unit="7"}')).toBe(id);
  });

  test('ids that are given at the same time are the same', async () => {
    await service.store.write(Array.from({ length: 120 }, (_, i) => ({ series: `s${i}`, time: 0, value: i })));
    const lists = await Promise.all(Array.from({ length: 5 }, async () => (await service.ask('/graphs/api/', { headers: basic })).text()));
    expect(new Set(lists).size).toBe(1);
    expect(JSON.parse(lists[0]!).graphs).toHaveLength(2 + 120);
  });

  test('the graphs of another account are none of its series', async () => {
    const { graphs } = (await (await service.ask('/graphs/api/', { headers: basic })).json()) as { graphs: { id: string }[] };
    expect(graphs.map(({ id }) => id)).toEqual([requests, errors]);
  });
});

test('whatever is sent and whoever else writes, pages and sums agree with the series where all counts are whole', async () => {
  const second = fc.integer({ min: 0, max: 5 }).map((offset) => t0 + offset);
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('send' as const),
      points: fc.array(fc.record({ time: second, count: fc.integer({ min: -9, max: 9 }) }), { maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('write' as const), time: second, value: fc.integer({ min: -9, max: 9 }) }),
    fc.record({ kind: fc.constant('delete' as const), start: second, end: second }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const each = await startService({ clock: standingClock(), users: documentUsers });
      const model = new Map<number, number>();
      for (const action of steps) {
        if (action.kind === 'send') {
          await each.write([{ graph: requests, points: action.points }]);
          for (const { time, count } of action.points) model.set(time, (model.get(time) ?? 0) + count);
        } else if (action.kind === 'write') {
          await each.store.write([{ series: requests, time: action.time * 1000, value: action.value }]);
          model.set(action.time, action.value);
        } else {
          const [start, end] = [Math.min(action.start, action.end), Math.max(action.start, action.end)];
          await each.store.delete({ series: requests, start: start * 1000, end: end * 1000 });
          for (const time of [...model.keys()]) if ((time >= start && time < end) || (start === end && time === start)) model.delete(time);
        }
      }
      const expected = [...model].sort(([a], [b]) => a - b);
      expect(await each.series(requests)).toEqual(expected);
      const answer = await each.ask(`/graphs/api/${requests}/sums?interval=1`, { headers: basic });
      const told = ((await answer.json()) as { sums: { time: number; sum: number }[] }).sums.map(({ time, sum }) => [time, sum]);
      expect(told.map(([time, sum]) => [time, sum! + 0])).toEqual(expected.map(([time, value]) => [time, value + 0]));
      const html = await (await each.ask(`/graphs/${requests}?i=300`)).text();
      expect(readChart(html)!.data.reduce((total, sum) => total + sum, 0)).toBe(expected.reduce((total, [, value]) => total + value, 0));
      await each.close();
    }),
  );
});
