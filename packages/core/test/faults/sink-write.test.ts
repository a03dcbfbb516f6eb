import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnySeriesError, isAnySeriesError, type OnDuplicate, type PointInput, type WriteOutcome } from '../../src/index.ts';
import { connectLines } from './line-provider.ts';
import { type OracleServer, startOracleServer } from './oracle-server.ts';
import { createTcpProxy, type Fault, faults, type TcpProxy } from './tcp-proxy.ts';

const perRequest = 50;
const retry = { minDelayMs: 5, maxAttempts: 8 };

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

/** Values are the ids that the server knows points by. */
const points = (count: number): PointInput<number>[] =>
  Array.from({ length: count }, (_, id) => ({ series: `s${id % 3}`, time: id, value: id }));

/** One connection, so that requests use it again. */
const connect = (onDuplicate: OnDuplicate, timeoutMs = 1000, url = proxy.url) =>
  connectLines({ url, timeoutMs, connections: 1, maxPoints: perRequest, onDuplicate, retry });

/** The faults that requests meet, one after the other; later ones pass. */
function meet(...script: (Fault | undefined)[]): void {
  const left = [...script];
  proxy.fault = () => left.shift();
}

async function failure(work: Promise<unknown>): Promise<AnySeriesError & { outcome: WriteOutcome }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isAnySeriesError(error) || error.outcome === undefined) throw new Error(`expected an error with an outcome, got ${String(error)}`);
  return error as AnySeriesError & { outcome: WriteOutcome };
}

/** The server stores the points although the client hears nothing of it. */
const isStoredUnheard: ReadonlySet<Fault> = new Set(['reset-after-body', 'half-close', 'lost-reply', 'cut-reply']);
const breaking = faults.filter((fault) => fault !== 'slow-drip');

describe.each(breaking)('a write that meets %s', (fault) => {
  const repeated = isStoredUnheard.has(fault) ? perRequest : 0;

  test('is sent again where points overwrite: nothing is lost, doubled or overtaken', async () => {
    await using sink = connect('overwrites');
    meet(undefined, fault);
    expect(await sink.write(points(3 * perRequest))).toEqual({ stored: 3 * perRequest, unconfirmed: 0, rejected: [] });
    expect(server.judge(3 * perRequest)).toEqual({ lost: 0, overtaken: 0, stored: 3 * perRequest, repeated });
  });

  test('is not sent again where points add up: the error names those that may be stored', async () => {
    await using sink = connect('adds');
    meet(undefined, fault);
    const error = await failure(sink.write(points(3 * perRequest)));
    const indices = (request: number) => Array.from({ length: perRequest }, (_, i) => request * perRequest + i);
    expect([error.code, error.outcome.stored]).toEqual(['unknown-outcome', perRequest]);
    expect(error.outcome.unknown).toEqual(indices(1));
    expect(error.outcome.unsent).toEqual(indices(2));
    expect(server.judge(perRequest)).toEqual({ lost: 0, overtaken: 0, stored: perRequest + repeated, repeated: 0 });
  });
});

test('a write through a slow connection is stored at once', async () => {
  await using sink = connect('adds', 10_000);
  proxy.fault = () => 'slow-drip';
  expect((await sink.write(points(2 * perRequest))).stored).toBe(2 * perRequest);
  expect(server.judge(2 * perRequest)).toEqual({ lost: 0, overtaken: 0, stored: 2 * perRequest, repeated: 0 });
});

test.each(['overwrites', 'adds'] as const)('a write waits for a server that refuses connections, and %s once', async (onDuplicate) => {
  await using sink = connect(onDuplicate);
  await proxy.down();
  const written = sink.write(points(perRequest));
  await pause(30);
  await proxy.up();
  expect((await written).stored).toBe(perRequest);
  expect(server.judge(perRequest)).toEqual({ lost: 0, overtaken: 0, stored: perRequest, repeated: 0 });
});

test('a connection that is cut ends the wait for its answer', async () => {
  await using sink = connect('overwrites', 60_000);
  proxy.fault = () => {
    proxy.fault = () => undefined;
    setImmediate(proxy.resetAll);
    return 'black-hole';
  };
  expect((await sink.write(points(perRequest))).stored).toBe(perRequest);
});

test('a write into a black hole ends at its deadline', async () => {
  await using sink = connect('overwrites', 60_000);
  proxy.fault = () => 'black-hole';
  const error = await failure(sink.write(points(2 * perRequest), { deadlineMs: 100 }));
  expect([error.code, error.outcome.unknown.length, error.outcome.unsent.length]).toEqual(['timeout', perRequest, perRequest]);
});

test('whatever happens, what was written is told as it is', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.constantFrom(...faults), { nil: undefined }), { maxLength: 6 }),
      fc.constantFrom('overwrites' as const, 'adds' as const),
      fc.integer({ min: 1, max: 4 * perRequest }),
      async (script, onDuplicate, count) => {
        await using own = await startOracleServer();
        await using between = await createTcpProxy(own);
        const left = [...script];
        between.fault = () => left.shift();
        await using sink = connect(onDuplicate, 150, between.url);
        const written = await sink.write(points(count)).catch((error: AnySeriesError) => error.outcome!);
        const told = 'unknown' in written ? written : { ...written, unknown: [], unsent: [] };
        expect(told.stored + told.unknown.length + told.unsent.length).toBe(count);
        const doubtful = new Set([...told.unknown, ...told.unsent]);
        const missing = own.missing(count);
        expect(missing.filter((id) => !doubtful.has(id))).toEqual([]);
        expect(told.unsent.filter((id) => !missing.includes(id))).toEqual([]);
        const { overtaken, repeated } = own.judge(count);
        expect([overtaken, onDuplicate === 'adds' ? repeated : 0]).toEqual([0, 0]);
        if (onDuplicate === 'overwrites') expect(missing).toEqual([]);
      },
    ),
    { numRuns: 20 * Number(process.env.ANYSERIES_RUNS ?? 1) },
  ),
);
