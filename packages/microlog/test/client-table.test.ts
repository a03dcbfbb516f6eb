import { readFileSync } from 'node:fs';
import { createClient, type MicrologClient, type MicrologClientSettings } from '@anyseries/microlog';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ada,
  bobsGraph,
  documentTime,
  documentUsers,
  errors,
  requests,
  type Service,
  type SettableClock,
  standingClock,
  startService,
} from './service.ts';

let clock: SettableClock;
let service: Service;
let client: MicrologClient;

beforeEach(async () => {
  clock = standingClock();
  service = await startService({ clock, users: documentUsers, settings: { signUpProject: 'default' } });
  client = connectAs({ password: ada.password });
});
afterEach(async () => {
  await client.close();
  await service.close();
});

function connectAs(settings: MicrologClientSettings): MicrologClient {
  return createClient({ ...service.settings, clock, ...settings });
}

const t0 = documentTime - 600;

async function send(...points: readonly (readonly [time: number, count: number, text?: string])[]): Promise<void> {
  await client.write([
    { graph: requests, points: points.map(([time, count, text]) => ({ time, count, ...(text === undefined ? {} : { text }) })) },
  ]);
}

/** What each call of the table does, against the protocol server; named by the first column. */
const rows: Readonly<Record<string, () => Promise<void>>> = {
  async 'enque(graph, count, time, { text })'() {
    expect(client.enque(requests, 5, t0, { text: 'note' })).toBe(undefined);
    expect(service.requests).toEqual([]);
    await client.dispatch();
    expect(await service.list(requests)).toEqual([{ time: t0, count: 5, text: 'note' }]);
  },
  async 'dispatch()'() {
    void client.enque(requests, 5, t0);
    void client.enque(bobsGraph, 1, t0);
    const report = await client.dispatch();
    expect(report).toMatchObject({
      sent: 1,
      kept: 0,
      dropped: 1,
      unknown: 0,
      graphs: { [requests]: { sent: 1 }, [bobsGraph]: { dropped: 1 } },
    });
  },
  async 'haltThread()'() {
    void client.enque(requests, 5, t0);
    expect(await client.haltThread()).toMatchObject({ sent: 1 });
  },
  async 'write(datasets)'() {
    expect(await client.write([{ graph: requests, points: [{ time: t0, count: 2.5 }] }])).toEqual([
      { graph: requests, received: 1, stored: 1 },
    ]);
    expect(await client.write([{ graph: bobsGraph, points: [{ time: t0, count: 1 }] }])).toEqual([
      { graph: bobsGraph, received: 1, stored: 0, error: 'unknown_graph' },
    ]);
    const two = [requests, errors].map((graph) => ({ graph, points: [{ time: t0, count: 1 }] }));
    await expect(client.write(two)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining("server: 'gateway'") });
    await using gateway = connectAs({ server: 'gateway' });
    for (let time = 0; time < 2; time++) expect(await gateway.write(two, { idempotencyKey: 'once' })).toHaveLength(2);
    expect(await service.series(errors)).toEqual([[t0, 1]]);
    await expect(client.write([{ graph: requests, points: [{ time: t0 } as never] }])).rejects.toMatchObject({
      message: expect.stringContaining('datasets[0].points[0].count'),
    });
  },
  async 'listGraphs()'() {
    await service.store.write([{ series: 'boiler', time: 0, value: 1 }]);
    expect(await client.listGraphs()).toEqual([
      { id: requests, name: 'Requests', type: 'timeplot' },
      { id: errors, name: 'Errors', type: 'timeplot' },
      { id: expect.stringMatching(/^\w{20}$/), name: 'boiler', type: 'series', series: 'boiler' },
    ]);
  },
  async 'readPoints(graph, range)'() {
    await send([t0 + 3, 1], [t0, 2, 'boot'], [t0 + 5, 3]);
    const cursor = client.readPoints(requests, { start: t0, end: t0 + 5, limit: 1 });
    expect(await Array.fromAsync(cursor.pages())).toEqual([[{ time: t0, count: 2, text: 'boot' }], [{ time: t0 + 3, count: 1, text: '' }]]);
    await expect(cursor.toArray()).rejects.toMatchObject({ code: 'invalid' });
    await expect(client.readPoints(bobsGraph).toArray()).rejects.toMatchObject({ code: 'not-found' });
    expect(() => client.readPoints(requests, { start: 'x' } as never)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('range.start') }),
    );
  },
  async 'readSums(graph, query)'() {
    await send([t0, 2], [t0 + 1, 3.5]);
    expect(await client.readSums(requests, { interval: 1_000_000 })).toEqual([{ time: 1_478_000_000, sum: 5.5, points: 2 }]);
    await expect(client.readSums(requests, { interval: 0 })).rejects.toMatchObject({
      message: expect.stringContaining('bad parameter interval'),
    });
  },
  async 'readGraph(graph, query)'() {
    await send([t0, 2.9], [documentTime, 4]);
    await using visitor = createClient({ ...service.settings, clock, token: undefined, username: undefined });
    const { name, interval, buckets, isCertain } = await visitor.readGraph(requests, { interval: 20 });
    expect([name, interval, buckets.length, isCertain]).toEqual(['Requests', 20, 121, true]);
    expect(buckets.filter(({ sum }) => sum !== 0)).toEqual([
      { time: Math.floor(t0 / 20) * 20, sum: 2 },
      { time: Math.floor(documentTime / 20) * 20, sum: 4 },
    ]);
    await expect(visitor.readGraph('NoSuchGraph000000000', { interval: 20 })).rejects.toMatchObject({ code: 'not-found' });
    await expect(visitor.readGraph(requests, { interval: 201_601 })).rejects.toMatchObject({ code: 'invalid' });
  },
  async 'createAccount()'() {
    await using carol = connectAs({ username: 'carol', token: undefined, password: 'pw' });
    await carol.createAccount();
    expect(await carol.readDashboard()).toMatchObject({ username: 'carol', graphs: [] });
    await expect(connectAs({ username: 'carol', password: 'other' }).createAccount()).rejects.toMatchObject({ code: 'conflict' });
    await expect(connectAs({ username: 'x'.repeat(300), password: 'pw' }).createAccount()).rejects.toMatchObject({ code: 'forbidden' });
  },
  async 'logIn()'() {
    await client.logIn();
    await expect(connectAs({ password: 'wrong' }).logIn()).rejects.toMatchObject({ code: 'unauthenticated' });
  },
  async 'logOut()'() {
    await client.logOut();
    expect(service.requests).toEqual([]);
    await client.readDashboard();
    const cookie = service.requests.at(-1)!.headers.get('cookie')!;
    await client.logOut();
    expect((await service.ask('/dashboard', { headers: { cookie } })).status).toBe(303);
    expect(await client.readDashboard()).toMatchObject({ username: 'ada' });
  },
  async 'readDashboard()'() {
    const graphs = [
      { id: requests, name: 'Requests' },
      { id: errors, name: 'Errors' },
    ];
    expect(await client.readDashboard()).toEqual({ username: 'ada', token: ada.token, graphs });
    clock.seconds += 10 * 24 * 3600;
    expect(await client.readDashboard()).toMatchObject({ graphs });
  },
  async 'createGraph(name)'() {
    const made = await client.createGraph('Requests');
    expect(made).toEqual({ id: expect.stringMatching(/^\w{20}$/), name: 'Requests' });
    expect(made.id).not.toBe(requests);
    expect((await client.readDashboard()).graphs.at(-1)).toEqual(made);
  },
  async 'addPoint(graph, point)'() {
    await client.addPoint(requests);
    await client.addPoint(requests, { count: 7, text: 'from afar' });
    expect(await service.list(requests)).toEqual([
      { time: documentTime, count: '1', text: '' },
      { time: documentTime, count: '7', text: 'from afar' },
    ]);
  },
};

const table = readFileSync(new URL('../../../docs/clients/microlog.md', import.meta.url), 'utf8');
const [calls = ''] = table.split('## Options');
const names = [...calls.matchAll(/^\| `([^`]+\))` \|/gm)].map(([, call]) => call!);

describe('each row of docs/clients/microlog.md works against the protocol server', () => {
  test.each(names)('%s', async (call) => {
    expect(Object.keys(rows)).toContain(call);
    await rows[call]!();
  });

  test('the table and these tests tell of the same calls, and of every method of the client', () => {
    expect(Object.keys(rows)).toEqual(names);
    const methods = Object.keys(client).filter((name) => name !== 'close');
    expect(names.map((call) => call.slice(0, call.indexOf('('))).sort()).toEqual(methods.sort());
  });
});
