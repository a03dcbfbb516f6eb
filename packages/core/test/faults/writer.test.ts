import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWriter, type OnDuplicate, type PointInput, type Report } from '../../src/index.ts';
import { connectLines } from './line-provider.ts';
import { type OracleServer, startOracleServer } from './oracle-server.ts';
import { createTcpProxy, type Fault, faults, type TcpProxy } from './tcp-proxy.ts';

const perRequest = 50;
const count = 6 * perRequest;

let server: OracleServer;
let proxy: TcpProxy;

beforeEach(async () => {
  server = await startOracleServer();
  proxy = await createTcpProxy(server);
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Delivered {
  readonly report: Report;
  /** Ids that `onReject` was given, by the reason. */
  readonly given: ReadonlyMap<string, readonly number[]>;
}

/** Writes points through the proxy, and waits until each has had its end. Values are the ids that the server knows them by. */
async function deliver(onDuplicate: OnDuplicate, length = count, timeoutMs = 1000, url = proxy.url): Promise<Delivered> {
  const given = new Map<string, number[]>();
  await using sink = connectLines({ url, timeoutMs, maxPoints: perRequest, onDuplicate });
  await using writer = createWriter(sink, {
    linger: 1,
    onReject(points, { reason }) {
      given.set(reason, [...(given.get(reason) ?? []), ...points.map(({ value }) => Number(value))]);
    },
  });
  for (let id = 0; id < length; id++) await writer.write({ series: `s${id % 7}`, time: id, value: id } satisfies PointInput);
  return { report: await writer.flush(), given };
}

/** The faults that requests meet, one after the other; later ones pass. */
function meet(at: Pick<TcpProxy, 'fault'>, script: readonly (Fault | undefined)[]): void {
  const left = [...script];
  at.fault = () => left.shift();
}

/** The server stores the points although the client hears nothing of it. */
const isStoredUnheard: ReadonlySet<Fault> = new Set(['reset-after-body', 'half-close', 'lost-reply', 'cut-reply']);
const breaking = faults.filter((fault) => fault !== 'slow-drip' && fault !== 'stale');

describe.each(breaking)('a writer that meets %s', (fault) => {
  test('sends again where points overwrite: nothing is lost, overtaken or there twice', async () => {
    meet(proxy, [undefined, fault]);
    const { report, given } = await deliver('overwrites');
    expect(report).toMatchObject({ admitted: count, stored: count, pending: 0 });
    expect(given.size).toBe(0);
    const { repeated, ...judgement } = server.judge(count);
    expect(judgement).toEqual({ lost: 0, overtaken: 0, stored: count });
    expect(repeated > 0).toBe(isStoredUnheard.has(fault));
  });

  test('does not send again where points add up: those that may be stored are given back as unknown', async () => {
    meet(proxy, [undefined, fault]);
    const { report, given } = await deliver('adds');
    const unknown = given.get('unknown-outcome') ?? [];
    expect([...given.keys()]).toEqual(['unknown-outcome']);
    expect(report).toMatchObject({ admitted: count, stored: count - unknown.length, unknown: unknown.length, pending: 0 });
    expect(new Set(unknown).size).toBe(unknown.length);
    expect(server.missing(count)).toEqual(isStoredUnheard.has(fault) ? [] : unknown.toSorted((a, b) => a - b));
    expect(server.judge(count)).toMatchObject({ repeated: 0, overtaken: 0 });
  });
});

test('a writer on connections that turn out closed stores everything', async () => {
  proxy.fault = () => 'stale';
  const { report } = await deliver('overwrites');
  expect(report).toMatchObject({ stored: count, pending: 0 });
  expect(server.judge(count)).toEqual({ lost: 0, overtaken: 0, stored: count, repeated: 0 });
});

test('a writer on a slow connection stores everything at once', async () => {
  proxy.fault = () => 'slow-drip';
  const { report } = await deliver('adds', count, 10_000);
  expect(report).toMatchObject({ stored: count, pending: 0 });
  expect(server.judge(count)).toEqual({ lost: 0, overtaken: 0, stored: count, repeated: 0 });
});

test.each(['overwrites', 'adds'] as const)('a writer waits for a server that refuses connections, and %s once', async (onDuplicate) => {
  await proxy.down();
  const delivered = deliver(onDuplicate);
  await pause(30);
  await proxy.up();
  expect((await delivered).report).toMatchObject({ stored: count, pending: 0 });
  expect(server.judge(count)).toEqual({ lost: 0, overtaken: 0, stored: count, repeated: 0 });
});

test('connections that are cut end the wait for their answers', async () => {
  proxy.fault = () => {
    proxy.fault = () => undefined;
    setImmediate(proxy.resetAll);
    return 'black-hole';
  };
  const { report } = await deliver('overwrites', count, 60_000);
  expect(report).toMatchObject({ stored: count, pending: 0 });
});

test('a writer that is closed over a black hole gives back what it holds, and its sink can be closed', async () => {
  proxy.fault = () => 'black-hole';
  await using sink = connectLines({ url: proxy.url, timeoutMs: 60_000, maxPoints: perRequest });
  const writer = createWriter(sink, { onLoss: 'report' });
  await writer.write(Array.from({ length: count }, (_, id) => ({ series: `s${id % 7}`, time: id, value: id })));
  const report = await writer.close({ deadlineMs: 50 });
  expect(report).toMatchObject({ admitted: count, stored: 0, pending: 0 });
  expect(report.returned + report.unknown).toBe(count);
  expect(report.unsent()).toHaveLength(report.returned);
});

test('whatever happens, every point has one end, and it is what the server knows of it', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.constantFrom(...faults), { nil: undefined }), { maxLength: 6 }),
      fc.constantFrom('overwrites' as const, 'adds' as const),
      fc.integer({ min: 1, max: count }),
      async (script, onDuplicate, length) => {
        await using own = await startOracleServer();
        await using between = await createTcpProxy(own);
        meet(between, script);
        const { report, given } = await deliver(onDuplicate, length, 150, between.url);
        const unknown = given.get('unknown-outcome') ?? [];
        expect(report).toMatchObject({ admitted: length, stored: length - unknown.length, unknown: unknown.length, pending: 0 });
        expect(own.missing(length).filter((id) => !unknown.includes(id))).toEqual([]);
        const { overtaken, repeated } = own.judge(length);
        expect([overtaken, onDuplicate === 'adds' ? repeated : unknown.length]).toEqual([0, 0]);
      },
    ),
    { numRuns: 10 * Number(process.env.ANYSERIES_RUNS ?? 1) },
  ),
);
