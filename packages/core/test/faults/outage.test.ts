import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWriter, type PointInput, type Writer, type WriterOptions } from '../../src/index.ts';
import { connectLines } from './line-provider.ts';
import { type OracleServer, startOracleServer } from './oracle-server.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Outages of 0.3 seconds, and of 3 in `.ci/full`. */
const runs = Number(process.env.ANYSERIES_RUNS ?? 1);
const outageMs = 300 * runs;
const pointsPerSecond = 20_000;
const stepMs = 10;
const seriesCount = 100;
const mib = 1024 * 1024;

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

const connect = (timeoutMs: number) => connectLines({ url: proxy.url, timeoutMs, maxPoints: 5000 });

/** Values are the ids that the server knows points by. */
const point = (id: number): PointInput<number> => ({ series: `s${id % seriesCount}`, time: id, value: id });

/** Writes at the rate until it is stopped; the answer of that is how many points. Those that have to wait are waited for. */
function produce(writer: Writer): () => Promise<number> {
  const begun = performance.now();
  let written = 0;
  let isStopped = false;
  const producing = (async () => {
    while (!isStopped) {
      const due = Math.floor(((performance.now() - begun) / 1000) * pointsPerSecond);
      while (written < due && !isStopped) await writer.write(point(written++));
      await pause(stepMs);
    }
    return written;
  })();
  return () => {
    isStopped = true;
    return producing;
  };
}

/** Writes before, during and after an outage; answers how many points, when each has had its end. */
async function writeThrough(
  options: WriterOptions,
  outage: { begin(): Promise<void> | void; end(): Promise<void> | void },
): Promise<number> {
  await using sink = connect(10_000);
  await using writer = createWriter(sink, { linger: 50, ...options });
  const stop = produce(writer);
  while (writer.report().stored === 0) await pause(stepMs);
  await outage.begin();
  await pause(outageMs);
  await outage.end();
  await pause(outageMs / 3);
  const written = await stop();
  expect(await writer.flush()).toMatchObject({ admitted: written, stored: written, pending: 0 });
  return written;
}

test('an outage told by 503 and Retry-After loses, overtakes and repeats nothing, and is left in peace', async () => {
  const maxInFlight = 4;
  let refused = 0;
  let begun = 0;
  let seconds = 0;
  const written = await writeThrough(
    { maxInFlight },
    {
      begin() {
        begun = performance.now();
        server.answer = () => {
          refused++;
          return { status: 503, headers: { 'retry-after': '1' } };
        };
      },
      end() {
        server.answer = () => ({ status: 200 });
        seconds = (performance.now() - begun) / 1000;
      },
    },
  );
  expect(written).toBeGreaterThan((pointsPerSecond * outageMs) / 1000);
  expect(server.judge(written)).toEqual({ lost: 0, overtaken: 0, repeated: 0, stored: written });
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThanOrEqual(maxInFlight * Math.ceil(seconds));
}, 60_000);

test('an outage in which connections break and are refused loses and overtakes nothing, and stores nothing twice', async () => {
  const written = await writeThrough({}, { begin: proxy.down, end: proxy.up });
  expect(written).toBeGreaterThan((pointsPerSecond * outageMs) / 1000);
  expect(server.judge(written)).toMatchObject({ lost: 0, overtaken: 0, stored: written });
}, 60_000);

test('a black hole lets memory stand still, whether writes wait or old points are dropped', async () => {
  for (const onFull of ['wait', 'drop-oldest'] as const) {
    await using sink = connect(outageMs / 5);
    await using writer = createWriter(sink, { onFull, maxBufferedPoints: 5000, onLoss: 'report' });
    proxy.fault = () => 'black-hole';
    const stop = produce(writer);
    await pause(outageMs);
    const before = usedBytes();
    await pause(2 * outageMs);
    expect(usedBytes() - before).toBeLessThan(2 * mib);
    proxy.fault = () => undefined;
    const written = await stop();
    const { stored, dropped, pending } = await writer.flush();
    expect([stored + dropped, pending]).toEqual([written, 0]);
    expect(dropped > 0).toBe(onFull === 'drop-oldest');
  }
}, 60_000);

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('of 5,000 points with a poisoned one, 4,999 are stored and one is told, once', async () => {
  const poison = 3210;
  server.answer = (points) => ({ status: points.some(({ id }) => id === poison) ? 400 : 200 });
  const told: unknown[] = [];
  await using sink = connect(10_000);
  await using writer = createWriter(sink, { onReject: (points) => void told.push(...points.map(({ value }) => value)) });
  await writer.write(Array.from({ length: 5000 }, (_, id) => point(id)));
  expect(await writer.flush()).toMatchObject({ stored: 4999, rejected: 1, pending: 0 });
  expect(told).toEqual([poison]);
  expect(server.missing(5000)).toEqual([poison]);
  expect(server.judge(5000)).toMatchObject({ overtaken: 0, repeated: 0 });
});
