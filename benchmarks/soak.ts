/**
 * `pnpm soak [minutes] [seed]`: a writer at 20,000 points/s against a server that fails at random in every way that the fault proxy knows. Prints
 * what came of the points and how resident memory grew in the second half; fails when a point is lost or overtaken or, in a run of 10 minutes or
 * more, when memory grows by 1 MB in 10 minutes.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createWriter, seriesKey, type Writer } from '@anyseries/core';
import { connect } from './delivery/line-protocol.ts';
import type { Judgement } from './soak/server.ts';

const pointsPerSecond = 20_000;
const stepMs = 10;
const sampleMs = 2000;
const poisonEveryMs = 20_000;
const mostGrowth = 1e6;
const enforcedMinutes = 10;
const tenMinutesMs = 600_000;
const firstTime = Date.UTC(2026, 0, 1);

const [minutes, seed] = [Number(process.argv[2] ?? enforcedMinutes), Number(process.argv[3] ?? Math.floor(Math.random() * 1e9))];
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new Error('usage: pnpm soak [minutes] [seed]');
const runMs = minutes * 60_000;
// rare faults are met for the first time, and their code compiled, for minutes
const warmUpMs = runMs / 2;
const hosts = Array.from({ length: 100 }, (_, host) => `h${host}`);
const keys = hosts.map(keyOf);

const server = fork(join(import.meta.dirname, 'soak/server.ts'), [String(seed)], { execArgv: process.execArgv });
const [url] = (await once(server, 'message')) as [string];
console.log(`${minutes} minutes at ${pointsPerSecond.toLocaleString('en')} points/s, seed ${seed}`);

const sink = connect({ url: `${url}/write`, timeoutMs: 500 });
const poisonTold: number[] = [];
const otherwiseRejected: string[] = [];
const writer = createWriter(sink, {
  onReject(points, { reason, excerpt }) {
    for (const { series, value } of points) {
      if (series === keyOf('poison')) poisonTold.push(value as number);
      else otherwiseRejected.push(`${String(series)}: ${reason}: ${excerpt}`);
    }
  },
});

const samples: { readonly ms: number; readonly bytes: number }[] = [];
const begun = performance.now();
const elapsed = () => performance.now() - begun;
const sampling = setInterval(sample, sampleMs);
const { written, poisoned } = await produce(writer);
clearInterval(sampling);
const report = await writer.flush();
await writer.close();
await sink.close();
server.send('judge');
const [{ last, skipped, repeated, met }] = (await once(server, 'message')) as [Judgement];
server.kill();

const missing = hosts.reduce((sum, host, i) => sum + Math.ceil((written - i) / hosts.length) - ((last[host] ?? -1) + 1), 0);
const growth = slope(samples.filter(({ ms }) => ms >= warmUpMs)) * tenMinutesMs;
console.log(
  `met: ${Object.entries(met)
    .sort()
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')}`,
);
console.log(`report: ${JSON.stringify(report)}`);
const failures = [
  check(
    `${written} points written; ${missing} missing, ${skipped} lost or overtaken, ${repeated} sent twice`,
    missing === 0 && skipped === 0,
  ),
  check(`${poisoned} poisoned points, ${poisonTold.length} told`, poisonTold.length === poisoned && new Set(poisonTold).size === poisoned),
  check(`${otherwiseRejected.length} other points rejected ${otherwiseRejected.slice(0, 3).join('; ')}`, otherwiseRejected.length === 0),
  check(
    `resident memory: ${(growth / 1e6).toFixed(2)} MB in 10 minutes, by ${samples.length} samples; < ${mostGrowth / 1e6} MB`,
    growth < mostGrowth || minutes < enforcedMinutes,
  ),
];
process.exitCode = failures.includes(true) ? 1 : 0;

async function produce(into: Writer): Promise<{ written: number; poisoned: number }> {
  let [written, poisoned] = [0, 0];
  while (elapsed() < runMs) {
    const due = Math.floor((Math.min(elapsed(), runMs) / 1000) * pointsPerSecond);
    for (; written < due; written++) {
      const value = Math.floor(written / hosts.length);
      const room = into.write({ series: keys[written % hosts.length]!, time: firstTime + value, value });
      if (room !== undefined) await room;
    }
    if (elapsed() > (poisoned + 1) * poisonEveryMs) await into.write({ series: keyOf('poison'), time: firstTime, value: poisoned++ });
    await pause(stepMs);
  }
  return { written, poisoned };
}

/** What garbage collection leaves: a leak, if anything grows. */
function sample(): void {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  samples.push({ ms: elapsed(), bytes: rss });
  if (samples.length % 15 !== 0) return;
  const [minute, resident, heap] = [elapsed() / 60_000, rss / 1e6, heapUsed / 1e6].map((number) => number.toFixed(1));
  console.log(`${minute} min: ${resident} MB resident, ${heap} MB of it live in the heap`);
}

/** Bytes per millisecond, by least squares. */
function slope(points: typeof samples): number {
  const mean = (of: (point: (typeof samples)[number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [ms, bytes] = [mean((point) => point.ms), mean((point) => point.bytes)];
  const sumOf = (of: (point: (typeof samples)[number]) => number) => points.reduce((sum, point) => sum + of(point), 0);
  return sumOf((point) => (point.ms - ms) * (point.bytes - bytes)) / sumOf((point) => (point.ms - ms) ** 2);
}

function check(text: string, holds: boolean): boolean {
  console.log(`${holds ? 'ok    ' : 'FAILED'}  ${text}`);
  return !holds;
}

function keyOf(host: string): string {
  return seriesKey({ name: 'm', labels: { host } });
}
