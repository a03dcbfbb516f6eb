import { join } from 'node:path';
import { createBareSqlite } from './bare-sqlite.ts';
import { comparePaired, median, type Run, timed } from './measure.ts';
import { pairedRows, type Row, type Suite } from './row.ts';
import { withFolder } from './scratch.ts';
import { postAll, startServer } from './server-client.ts';
import { type SensorPoint, sensorBatches } from './workload.ts';

const pointsPerRequest = 5000;
const connections = 4;

export const suite: Suite = {
  title: `the gateway over SQLite, spoken to over HTTP by TempoDB's protocol, and bare prepared statements; ${connections} connections`,
  async *run(size) {
    yield* manyPoints(size);
    yield* singlePoints(Math.max(200, Math.min(20_000, Math.round(size / 100))));
  },
};

/** `POST /v1/multi/` with ready-made bodies, against one prepared statement on the main thread. */
async function* manyPoints(size: number): AsyncGenerator<Row> {
  const batches = [...sensorBatches(size)];
  const bodies = batches.flatMap((batch) => slices(batch, pointsPerRequest).map(encode));
  const delays: number[] = [];
  const bare: Run = () =>
    withFolder(async (folder) => {
      const database = createBareSqlite(join(folder, 'bare.db'));
      const timing = await timed(() => batches.forEach(database.write));
      database.close();
      return timing;
    });
  const ours: Run = () =>
    withFolder(async (folder) => {
      const server = await startServer('gateway', join(folder, 'ours.db'));
      await server.delayMs();
      const timing = await timed(async () => void (await postAll(server.url, '/v1/multi/', bodies, connections)));
      delays.push(await server.delayMs());
      await server.close();
      return timing;
    });
  const paired = await comparePaired(bare, ours);
  yield* pairedRows({ bare: 'write: bare, one run() per point', ours: 'write: POST /v1/multi/' }, size, paired, 0.5);
  yield delayRow('write: event-loop delay of the gateway, p99', median(delays), 20);
}

/** One point per request, each committed before it is answered. */
async function* singlePoints(requests: number): AsyncGenerator<Row> {
  const bodies = [...sensorBatches(requests)].flat().map(({ time, value }) => `[{"t":"${new Date(time).toISOString()}","v":${value}}]`);
  for (const kind of ['bare', 'gateway'] as const) {
    yield* await withFolder(async (folder) => {
      const server = await startServer(kind, join(folder, 'single.db'));
      const path = '/v1/series/key/single/data/';
      await postAll(server.url, path, bodies.slice(0, 200), 50);
      const begun = performance.now();
      const latencies = await postAll(server.url, path, bodies, 50);
      const seconds = (performance.now() - begun) / 1000;
      await server.close();
      const name = kind === 'bare' ? 'bare node:http, one commit per request' : 'gateway, single points';
      return [
        { name: `50 connections: ${name}`, result: `${Math.round(requests / seconds).toLocaleString('en')} requests/s` },
        { name: `50 connections: ${name}, p99`, result: `${percentile(latencies, 99).toFixed(1)} ms` },
      ];
    });
  }
}

function encode(points: readonly SensorPoint[]): string {
  return JSON.stringify(points.map(({ series, time, value }) => ({ key: series, t: new Date(time).toISOString(), v: value })));
}

function slices<T>(items: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));
}

function percentile(values: Float64Array, rank: number): number {
  const sorted = values.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * rank) / 100))]!;
}

function delayRow(name: string, ms: number, most: number): Row {
  return { name, result: `${ms.toFixed(1)} ms`, bound: { text: `≤ ${most} ms`, met: ms <= most } };
}
