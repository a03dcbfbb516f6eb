import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createVirtualClock, type VirtualClock } from '@anyseries/conformance';
import {
  createClient,
  type DroppedPoints,
  dispatch,
  enque,
  haltThread,
  type MicrologClient,
  type MicrologClientSettings,
  start,
} from '@anyseries/microlog';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import '../src/client/queue-backend.ts'; // loaded beforehand: a virtual clock does not wait for modules
import { serveHttp } from './http-service.ts';
import { scriptedFetch } from './scripted-fetch.ts';
import { ada, documentTime, documentUsers, errors, requests, type Service, startService } from './service.ts';

let clock: VirtualClock;
let service: Service;
let drops: DroppedPoints[];
let clients: MicrologClient[];

beforeEach(async () => {
  clock = createVirtualClock({ start: documentTime * 1000, automatic: true });
  service = await startService({ clock, users: documentUsers, settings: { extension: false } });
  drops = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) await client.close({ deadlineMs: 1 });
  clock.stop();
  await service.close();
});

function create(options: MicrologClientSettings = {}): MicrologClient {
  const client = createClient({ ...service.settings, clock, onDrop: (drop) => void drops.push(drop), ...options });
  clients.push(client);
  return client;
}

/** The bodies of the writes that came. */
async function written(): Promise<{ datasets: { graph: string; points: unknown[] }[] }[]> {
  const posts = service.requests.filter(({ method }) => method === 'POST');
  return Promise.all(posts.map((request) => request.clone().json()));
}

const failure = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('enque', () => {
  test('has the defaults of the original: one, now, and no text', async () => {
    const client = create();
    void client.enque(requests);
    await client.dispatch();
    expect((await written())[0]!.datasets).toEqual([{ graph: requests, points: [{ time: documentTime, count: 1, text: '' }] }]);
  });

  test('takes the time when it is called, not when it is sent', async () => {
    const client = create();
    void client.enque(requests);
    await clock.advance(5000);
    void client.enque(requests, 2, null);
    await client.dispatch();
    expect(await service.series(requests)).toEqual([
      [documentTime, 1],
      [documentTime + 5, 2],
    ]);
  });

  test('takes seconds and dates, cut off to whole seconds; zero is the epoch', async () => {
    const client = create();
    for (const time of [0, -0.5, 1478220725.75, new Date(1_478_220_725_999)]) void client.enque(requests, 1, time);
    await client.dispatch();
    expect(await service.series(requests)).toEqual([
      [-1, 1],
      [0, 1],
      [1_478_220_725, 2],
    ]);
  });

  test('takes a note', async () => {
    const client = create();
    void client.enque(requests, -3, 5, { text: 'a "note" with blanks é\ud83d\ude00' });
    await client.dispatch();
    expect(await service.list(requests)).toEqual([{ time: 5, count: -3, text: 'a "note" with blanks é\ud83d\ude00' }]);
  });

  test.each([
    [[requests, 1.5], 'count: 1.5 has a fraction'],
    [[requests, Number.NaN], 'count: NaN'],
    [[requests, Infinity], 'count: Infinity'],
    [[requests, 2 ** 53], 'count: 9007199254740992 is beyond 2^53'],
    [[requests, '5'], 'count: "5"'],
    [[requests, 1, 1_478_220_725_000], 'time: 1478220725000 is too large for seconds'],
    [[requests, 1, Number.NaN], 'time: NaN'],
    [[requests, 1, '2016-11-04'], 'time: "2016-11-04"'],
    [[requests, 1, new Date(Number.NaN)], 'time: '],
    [[''], 'graph: ""'],
    [[5], 'graph: 5'],
    [['\ud800'], 'graph: '],
    [[requests, 1, 5, { note: 'x' }], 'options.note'],
    [[requests, 1, 5, { text: 5 }], 'options.text: 5'],
  ])('refuses what would be lost or garbled: %o', (input, message) => {
    const client = create();
    expect(() => client.enque(...(input as Parameters<MicrologClient['enque']>))).toThrow(failure('invalid', message));
  });

  test.each([
    ['truncate', [2.9, -2.9], [2, -2]],
    ['round', [2.5, -2.4], [3, -2]],
  ] as const)('rounds fractions where it is told to: %s', async (fractions, counts, sent) => {
    const client = create({ fractions });
    for (const count of counts) void client.enque(requests, count, 5);
    await client.dispatch();
    expect((await service.list(requests)).map((point) => (point as { count: number }).count)).toEqual(sent);
  });
});

describe('a full queue', () => {
  test('throws where nothing else is said', () => {
    const client = create({ queueMaxsize: 2 });
    void client.enque(requests);
    void client.enque(requests);
    expect(() => client.enque(requests)).toThrow(failure('full', ''));
  });

  test('makes room for who waits', async () => {
    const client = create({ queueMaxsize: 2, onFull: 'block' });
    expect(client.enque(requests, 1, 1)).toBe(undefined);
    expect(client.enque(requests, 2, 2)).toBe(undefined);
    const waiting = client.enque(requests, 3, 3);
    expect(waiting).toBeInstanceOf(Promise);
    await client.dispatch();
    await waiting;
    await client.dispatch();
    expect(await service.series(requests)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test('drops the newest, as the original did, and tells', async () => {
    const client = create({ queueMaxsize: 2, onFull: 'drop-newest' });
    for (const count of [1, 2, 3, 4]) void client.enque(requests, count, count);
    expect(drops).toMatchObject([
      { reason: 'full', count: 1, points: [{ graph: requests, count: 3, time: 3 }] },
      { reason: 'full', count: 1, points: [{ count: 4 }] },
    ]);
    expect(await client.dispatch()).toMatchObject({ sent: 2, dropped: 2, kept: 0 });
    expect(await service.series(requests)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('drops the oldest, and tells', async () => {
    const client = create({ queueMaxsize: 2, onFull: 'drop-oldest' });
    for (const count of [1, 2, 3, 4]) void client.enque(requests, count, count);
    expect(await client.dispatch()).toMatchObject({ sent: 2, dropped: 2, kept: 0, graphs: { [requests]: { sent: 2, dropped: 2 } } });
    expect(drops.flatMap(({ points }) => points).map(({ count }) => count)).toEqual([1, 2]);
    expect(await service.series(requests)).toEqual([
      [3, 3],
      [4, 4],
    ]);
  });

  test.each([0, -5])('is none where the limit is %i', async (queueMaxsize) => {
    const client = create({ queueMaxsize });
    for (let place = 0; place < 150_000; place++) void client.enque(requests, 1, place % 100);
    expect(await client.dispatch()).toMatchObject({ sent: 150_000, kept: 0 });
  });
});

describe('dispatch', () => {
  test('sends nothing where there is nothing', async () => {
    expect(await create().dispatch()).toEqual({ sent: 0, kept: 0, dropped: 0, unknown: 0, graphs: {} });
    expect(service.requests).toEqual([]);
  });

  test('sends each graph by itself, points in order', async () => {
    const client = create();
    for (const [graph, count] of [
      [requests, 1],
      [errors, 2],
      [requests, 3],
    ] as const)
      void client.enque(graph, count, 5);
    const report = await client.dispatch();
    expect(report.graphs).toEqual({
      [requests]: { sent: 2, kept: 0, dropped: 0, unknown: 0 },
      [errors]: { sent: 1, kept: 0, dropped: 0, unknown: 0 },
    });
    const datasets = (await written()).flatMap((body) => body.datasets);
    expect(datasets.map(({ graph }) => graph).sort()).toEqual([errors, requests]);
    expect(await service.list(requests)).toMatchObject([{ count: 1 }, { count: 3 }]);
  });

  test('cuts by bytes: the most minimal points that fit go into a request', async () => {
    const client = create();
    for (let place = 0; place < 6000; place++) void client.enque(requests, 1, 1_478_220_723 + place);
    await client.dispatch();
    const sizes = await Promise.all(
      service.requests.filter(({ method }) => method === 'POST').map(async (request) => (await request.clone().arrayBuffer()).byteLength),
    );
    const counts = (await written()).map(({ datasets }) => datasets[0]!.points.length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(6000);
    expect(Math.max(...counts)).toBe(2557);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(102_400);
    expect(Math.max(...sizes)).toBeGreaterThan(102_400 - 40);
  });

  test('several at a time send every point once', async () => {
    const client = create();
    for (let place = 0; place < 100; place++) void client.enque(requests, 1, 5);
    const reports = await Promise.all([client.dispatch(), client.dispatch(), client.dispatch()]);
    for (const report of reports) expect(report).toMatchObject({ sent: 100, kept: 0 });
    expect(await service.series(requests)).toEqual([[5, 100]]);
  });

  test('gives up waiting at its deadline, not sending', async () => {
    const faults = Array.from({ length: 100 }, () => 'refuse' as const);
    const client = create({ fetch: scriptedFetch(service.settings.fetch, clock, faults) });
    void client.enque(requests, 7, 5);
    expect(await client.dispatch({ deadlineMs: 2000 })).toMatchObject({ sent: 0, kept: 1, error: { code: 'unavailable' } });
    faults.length = 0;
    expect(await client.dispatch({ deadlineMs: 60_000 })).toMatchObject({ sent: 1, kept: 0 });
    expect(await service.series(requests)).toEqual([[5, 7]]);
  });
});

describe('the thread', () => {
  test('sleeps, sends, and sleeps again until it is halted', async () => {
    // one that moves only when it is told to
    const manual = createVirtualClock({ start: documentTime * 1000, automatic: false });
    const client = create({ thread: true, postInterval: 20, clock: manual });
    void client.enque(requests, 1, 1);
    await manual.advance(19_000);
    expect(await service.series(requests)).toEqual([]);
    await manual.advance(1000);
    await expect.poll(() => service.series(requests)).toEqual([[1, 1]]);
    void client.enque(requests, 2, 2);
    expect(await client.haltThread()).toMatchObject({ sent: 2, kept: 0 });
    void client.enque(requests, 3, 3);
    await manual.advance(100_000);
    expect(await service.series(requests)).toHaveLength(2);
    await client.dispatch();
    expect(await service.series(requests)).toHaveLength(3);
  });

  test('can be halted where there is none', async () => {
    expect(await create().haltThread()).toMatchObject({ sent: 0 });
  });
});

describe('the functions of the module', () => {
  test('need start, work on one client, and may be started again after haltThread', async () => {
    expect(() => enque(requests)).toThrow(failure('invalid', 'not started'));
    await expect(dispatch()).rejects.toEqual(failure('invalid', 'not started'));
    const { url, fetch } = service.settings;
    start('ada', ada.token, { url, fetch, clock });
    expect(() => start('ada', ada.token)).toThrow(failure('conflict', 'haltThread'));
    void enque(requests, 5, 9);
    expect(await dispatch()).toMatchObject({ sent: 1 });
    await haltThread();
    start('ada', ada.token, { url, fetch, clock });
    void enque(requests, 5, 9, { text: 'again' });
    expect(await haltThread()).toMatchObject({ sent: 1 });
    expect(await service.series(requests)).toEqual([[9, 10]]);
  });

  test.each([
    ['queueMaxsize', 1.5],
    ['onFull', 'wait'],
    ['thread', 1],
    ['postInterval', 0],
    ['daemon', 'yes'],
    ['fractions', 'floor'],
    ['onUnknown', 'ignore'],
    ['onDrop', 5],
    ['session', 5],
    ['graphs', {}],
    ['anything', 1],
  ])('refuse an option that means nothing by name: %s', (name, value) => {
    expect(() => createClient({ [name]: value })).toThrow(failure('invalid', name));
  });
});

describe('closing', () => {
  test('sends what is there, and gives back what it cannot send', async () => {
    const client = create();
    void client.enque(requests, 1, 5);
    expect(await client.close()).toMatchObject({ sent: 1, kept: 0, unsent: [] });
    expect(() => client.enque(requests)).toThrow(failure('closed', ''));
    const away = createClient({
      ...service.settings,
      fetch: scriptedFetch(service.settings.fetch, clock, ['refuse', 'refuse', 'refuse']),
      clock,
    });
    void away.enque(requests, 2, 6, { text: 'x y' });
    expect(await away.close({ deadlineMs: 500 })).toMatchObject({
      sent: 0,
      kept: 1,
      unsent: [{ graph: requests, count: 2, time: 6, text: 'x y' }],
    });
  });
});

describe('a server that dies after storing and before answering', () => {
  async function surviveDeath(extension: boolean, options: MicrologClientSettings = {}) {
    const real = await startService({ users: documentUsers, settings: { extension } });
    const http = await serveHttp(real);
    const client = createClient({
      url: http.url,
      username: ada.name,
      token: ada.token,
      onDrop: (drop) => void drops.push(drop),
      ...options,
    });
    void client.enque(requests, 5, 7);
    http.dieAtNextWrite();
    const report = client.dispatch();
    await http.died;
    await http.revive();
    const told = await report;
    await client.close();
    const series = await real.series(requests);
    await http.close();
    await real.close();
    return { told, series, writes: http.writes.length };
  }

  test('stores nothing twice where it remembers keys', async () => {
    expect(await surviveDeath(true)).toMatchObject({ told: { sent: 1, kept: 0, unknown: 0 }, series: [[7, 5]], writes: 2 });
  });

  test('leaves the points unknown where it does not, and they are not sent again', async () => {
    expect(await surviveDeath(false)).toMatchObject({ told: { sent: 0, unknown: 1 }, series: [[7, 5]], writes: 1 });
    expect(drops).toMatchObject([{ reason: 'unknown-outcome', points: [{ count: 5 }] }]);
  });

  test('stores them twice only where that was asked for', async () => {
    expect(await surviveDeath(false, { onUnknown: 'retry' })).toMatchObject({ told: { sent: 1 }, series: [[7, 10]], writes: 2 });
  });
});

describe('the end of a process', () => {
  async function run(url: string, count: number, options: object, use?: (child: ReturnType<typeof spawn>) => Promise<void>) {
    const program = fileURLToPath(new URL('queueing-process.ts', import.meta.url));
    const args = ['--conditions=anyseries-source', '--disable-warning=ExperimentalWarning', program];
    const child = spawn(process.execPath, [...args, url, ada.token, String(count), JSON.stringify(options)]);
    let [output, warnings] = ['', ''];
    child.stdout.on('data', (part) => (output += part));
    child.stderr.on('data', (part) => (warnings += part));
    const closed = once(child, 'close');
    await use?.(child);
    const [code] = await closed;
    return { code, output, warnings };
  }

  test.each([[{}], [{ thread: true, daemon: true }]])(
    'delivers 100,000 points: %j',
    async (options) => {
      const real = await startService({ users: documentUsers });
      const http = await serveHttp(real);
      expect(await run(http.url, 100_000, options)).toEqual({ code: 0, output: 'queued\n', warnings: '' });
      const series = await real.series(requests);
      expect(series.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(100_000);
      await http.close();
      await real.close();
    },
    60_000,
  );

  test('tells what is left where the server is away', async () => {
    const http = await serveHttp(service);
    await http.close();
    const { code, warnings } = await run(http.url, 1000, {});
    expect(code).toBe(0);
    expect(warnings).toContain('1000 points were pending when the process ended');
  }, 30_000);

  test('waits for haltThread where the thread is no daemon', async () => {
    const real = await startService({ users: documentUsers });
    const http = await serveHttp(real);
    const { code, output } = await run(http.url, 10, { thread: true, postInterval: 0.05 }, async (child) => {
      await expect.poll(() => real.series(requests), { timeout: 20_000 }).toHaveLength(10);
      expect(child.exitCode).toBe(null);
      child.stdin!.write('halt');
    });
    expect(code).toBe(0);
    expect(JSON.parse(output.split('\n')[1]!)).toMatchObject({ sent: 10, kept: 0 });
    await http.close();
    await real.close();
  }, 30_000);
});
