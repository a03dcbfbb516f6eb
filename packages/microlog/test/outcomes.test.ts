import { createVirtualClock } from '@anyseries/conformance';
import { describe, expect, test } from 'vitest';
import '../src/client/queue-backend.ts'; // loaded beforehand: a virtual clock does not wait for modules
import '../src/provider/backend.ts';
import { connect, createClient, type DroppedPoints, type MicrologClientSettings } from '@anyseries/microlog';
import { type Fault, scriptedFetch } from './scripted-fetch.ts';
import { ada, documentTime, documentUsers, requests, startService } from './service.ts';

const t0 = documentTime - 600;
const page = (message: string) => `<html><h1>${message}</h1><h2></h2><pre></pre></html>`;
const database = 'Server does not have access to the database at this time. Try again later.';

type Fate = 'sent' | 'kept' | 'dropped' | 'unknown';

interface Row {
  readonly observed: string;
  readonly fault: Fault;
  /** What became of two points behind a server without the extension, and how often they count. */
  readonly fate: Fate;
  readonly counted: number;
  readonly reason?: string;
}

/** "What the TypeScript client should do", point 7 of the protocol document. */
const table: readonly Row[] = [
  { observed: '200 All good', fault: { answer: 200, text: 'All good' }, fate: 'sent', counted: 0 },
  { observed: 'no connection', fault: 'refuse', fate: 'sent', counted: 1 },
  { observed: '500 with the database text', fault: { answer: 500, text: database }, fate: 'sent', counted: 1 },
  { observed: '401', fault: { answer: 401, text: 'Error: invalid username-token pair' }, fate: 'kept', counted: 0 },
  { observed: '404 Graph not found', fault: { answer: 404, text: 'Graph not found' }, fate: 'dropped', counted: 0, reason: 'refused' },
  { observed: '400', fault: { answer: 400, text: page('Unexpected token') }, fate: 'dropped', counted: 0, reason: 'refused' },
  { observed: '415', fault: { answer: 415, text: page('unsupported charset') }, fate: 'dropped', counted: 0, reason: 'refused' },
  { observed: '500 with an error page', fault: { answer: 500, text: page('Cannot read') }, fate: 'dropped', counted: 0, reason: 'refused' },
  { observed: '404 page', fault: { answer: 404, text: page('Not Found') }, fate: 'kept', counted: 0 },
  { observed: 'a redirect', fault: { answer: 303, text: '', headers: { location: '/auth/login?e=3' } }, fate: 'kept', counted: 0 },
  { observed: '413', fault: { answer: 413, text: page('request entity too large') }, fate: 'sent', counted: 1 },
  { observed: 'an answer that is lost', fault: 'lose', fate: 'unknown', counted: 1, reason: 'unknown-outcome' },
  { observed: 'a connection that breaks', fault: 'break', fate: 'unknown', counted: 0, reason: 'unknown-outcome' },
  { observed: 'a timeout after sending', fault: 'hang', fate: 'unknown', counted: 0, reason: 'unknown-outcome' },
  ...[502, 503, 504].map(
    (status): Row => ({
      observed: String(status),
      fault: { answer: status, text: 'Heroku' },
      fate: 'unknown',
      counted: 0,
      reason: 'unknown-outcome',
    }),
  ),
  { observed: '503 with Retry-After', fault: { answer: 503, text: '', headers: { 'retry-after': '7' } }, fate: 'sent', counted: 1 },
  { observed: '429', fault: { answer: 429, text: '' }, fate: 'sent', counted: 1 },
  {
    observed: 'a web page with status 200',
    fault: { answer: 200, text: '<h1>Log in</h1>' },
    fate: 'unknown',
    counted: 0,
    reason: 'unknown-outcome',
  },
  {
    observed: '500 of somebody in between',
    fault: { answer: 500, text: '<h1>Internal Server Error</h1>nginx' },
    fate: 'unknown',
    counted: 0,
    reason: 'unknown-outcome',
  },
];

/** Those that a server without the extension leaves in doubt. */
const doubtful = table.filter(({ fate }) => fate === 'unknown');

/** Queues two points, sends them past a fault, and tells what became of them. */
async function sendPast(faults: Fault[], extension: boolean, options: Partial<MicrologClientSettings> = {}) {
  const clock = createVirtualClock({ start: documentTime * 1000, automatic: true });
  const service = await startService({ clock, users: documentUsers, settings: { extension } });
  const drops: DroppedPoints[] = [];
  const { url, username, token, fetch } = service.settings;
  const client = createClient({
    url,
    username,
    token,
    fetch: scriptedFetch(fetch, clock, faults),
    clock,
    onDrop: (drop) => void drops.push(drop),
    ...options,
  });
  await client.enque(requests, 2, t0);
  await client.enque(requests, 3, t0);
  const report = await client.dispatch({ deadlineMs: 100_000 });
  const counted = (await service.series(requests)).reduce((sum, [, value]) => sum + Number(value), 0) / 5;
  return { service, clock, client, drops, report, counted };
}

async function end({ client, clock, service }: Awaited<ReturnType<typeof sendPast>>): Promise<void> {
  await client.close({ deadlineMs: 1 });
  clock.stop();
  await service.close();
}

describe('with a server like the original', () => {
  test.each(table)('$observed: two points are $fate', async ({ fault, fate, counted, reason }) => {
    // a server that refuses goes on to refuse
    const faults = fate === 'kept' ? Array.from({ length: 1000 }, () => fault) : [fault];
    const run = await sendPast(faults, false);
    expect(run.report).toMatchObject({ sent: 0, kept: 0, dropped: 0, unknown: 0, [fate]: 2 });
    expect(run.report.graphs).toEqual({ [requests]: { sent: 0, kept: 0, dropped: 0, unknown: 0, [fate]: 2 } });
    expect(run.counted).toBe(counted);
    expect(run.drops.map(({ reason: told, count }) => [told, count])).toEqual(reason === undefined ? [] : [[reason, 2]]);
    if (reason !== undefined)
      expect(run.drops[0]!.points).toEqual([
        { graph: requests, count: 2, time: t0, text: '' },
        { graph: requests, count: 3, time: t0, text: '' },
      ]);
    if (fate === 'kept') expect(run.report.error?.message).toMatch(/status (401|404|303)/);
    await end(run);
  });

  test('points that are kept go as soon as the server takes them', async () => {
    const faults: Fault[] = Array.from({ length: 1000 }, () => ({ answer: 401, text: 'Error: invalid username-token pair' }));
    const run = await sendPast(faults, false);
    faults.length = 0;
    expect(await run.client.dispatch({ deadlineMs: 1_000_000 })).toMatchObject({ sent: 2, kept: 0 });
    await end(run);
  });

  test.each(doubtful)('$observed, with onUnknown: retry, counts once too often at most', async ({ fault, counted }) => {
    const run = await sendPast([fault], false, { onUnknown: 'retry' });
    expect(run.report).toMatchObject({ sent: 2, unknown: 0 });
    expect(run.counted).toBe(counted + 1);
    await end(run);
  });

  test('with onUnknown: drop, nobody is told', async () => {
    const run = await sendPast(['lose'], false, { onUnknown: 'drop' });
    expect(run.report).toMatchObject({ unknown: 2 });
    expect(run.drops).toEqual([]);
    await end(run);
  });

  test('a point that is too large alone is given up, and its neighbours are sent', async () => {
    const clock = createVirtualClock({ start: documentTime * 1000, automatic: true });
    const service = await startService({ clock, users: documentUsers, settings: { extension: false } });
    const drops: DroppedPoints[] = [];
    const client = createClient({ ...service.settings, clock, onDrop: (drop) => void drops.push(drop) });
    void client.enque(requests, 1, t0);
    void client.enque(requests, 2, t0, { text: 'x'.repeat(110_000) });
    void client.enque(requests, 3, t0);
    expect(await client.dispatch()).toMatchObject({ sent: 2, dropped: 1 });
    expect(drops).toMatchObject([{ reason: 'too-large', points: [{ count: 2 }] }]);
    expect(await service.series(requests)).toEqual([[t0, 4]]);
    await client.close();
    clock.stop();
    await service.close();
  });
});

describe('with a server that announces the extension', () => {
  test.each(doubtful)('$observed: the points are sent again, and count once', async ({ fault }) => {
    const run = await sendPast([fault, fault], true);
    expect(run.report).toMatchObject({ sent: 2, kept: 0, unknown: 0 });
    expect(run.counted).toBe(1);
    await end(run);
  });

  test('a graph that does not exist is told', async () => {
    const run = await sendPast([], true);
    void run.client.enque('NoSuchGraph000000000', 1);
    expect(await run.client.dispatch()).toMatchObject({ sent: 2, dropped: 1 });
    expect(run.drops).toMatchObject([{ reason: 'refused', points: [{ graph: 'NoSuchGraph000000000' }] }]);
    await end(run);
  });

  test('several graphs share a request where the client is told that it is a gateway', async () => {
    const run = await sendPast([], true, { server: 'gateway' });
    void run.client.enque(requests, 1, t0);
    void run.client.enque('Errs0000000000000002', 1, t0);
    await run.client.dispatch();
    const bodies = await Promise.all(run.service.requests.filter(({ method }) => method === 'POST').map((request) => request.json()));
    expect(bodies.map(({ datasets }) => datasets.length)).toEqual([1, 2]);
    await end(run);
  });
});

describe('the neutral provider', () => {
  const points = [2, 3].map((value) => ({ series: 'Requests', time: t0 * 1000, value }));

  async function writePast(faults: Fault[], server: 'original' | 'gateway') {
    const clock = createVirtualClock({ start: documentTime * 1000, automatic: true });
    const service = await startService({ clock, users: documentUsers, settings: { extension: server === 'gateway' } });
    const settings = { ...service.settings, password: ada.password, clock, fetch: scriptedFetch(service.settings.fetch, clock, faults) };
    const provider = server === 'gateway' ? connect(settings) : connect({ ...settings, server: 'original' });
    const outcome = await provider.write(points).catch((error: { code: string; outcome: { unknown: unknown } }) => error);
    const counted = (await service.series(requests)).reduce((sum, [, value]) => sum + Number(value), 0) / 5;
    await provider.close();
    clock.stop();
    await service.close();
    return { outcome, counted };
  }

  test.each(doubtful)(
    'against an original, $observed leaves the points unknown, and does not send them again',
    async ({ fault, counted }) => {
      const run = await writePast([fault], 'original');
      expect(run.outcome).toMatchObject({ code: 'unknown-outcome', outcome: { unknown: [0, 1] } });
      expect(run.counted).toBe(counted);
    },
  );

  test.each(doubtful)(
    'against a gateway, $observed is followed by the same request again, and the points count once',
    async ({ fault }) => {
      const run = await writePast([fault], 'gateway');
      expect(run.outcome).toMatchObject({ stored: 2 });
      expect(run.counted).toBe(1);
    },
  );

  test('against an original what is accepted is unconfirmed', async () => {
    expect((await writePast([], 'original')).outcome).toMatchObject({ stored: 0, unconfirmed: 2 });
  });
});
