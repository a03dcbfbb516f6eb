import { connect } from '@anyseries/iobeam';
import { Pool } from 'undici';
import { type Sink, startSink } from './delivery/sink-process.ts';
import { comparePaired, type Run, timed } from './measure.ts';
import { pairedRows, type Suite } from './row.ts';
import { type SensorPoint, sensorBatches } from './workload.ts';

const pointsPerRequest = 1000;
const connections = 4;
const project = { projectId: 7, token: 'a-token', deviceId: 'bench' };

export const suite: Suite = {
  title: `imports of iobeam in requests of ${pointsPerRequest} points, into a server that counts bytes; ${connections} at a time`,
  async *run(size) {
    const sink = await startSink();
    const batches = [...sensorBatches(size)];
    const bytes = new Set<number>();
    const counted =
      (run: (sink: Sink) => Promise<void>): Run =>
      async () => {
        const timing = await timed(() => run(sink));
        bytes.add((await sink.count()).bytes);
        return timing;
      };
    const paired = await comparePaired(
      counted(({ port }) => runBare(port, batches)),
      counted(({ port }) => runOurs(port, batches)),
    );
    await sink.close();
    if (bytes.size !== 1) throw new Error(`the two sent different bodies: ${[...bytes].join(' and ')} bytes`);
    yield* pairedRows({ bare: 'bare: encode and post', ours: 'write() of the neutral provider' }, size, paired, 0.8);
  },
};

async function runOurs(port: number, batches: readonly SensorPoint[][]): Promise<void> {
  const provider = connect({ url: `http://127.0.0.1:${port}`, ...project });
  await inLanes(batches, async (batch) => {
    const { stored } = await provider.write(batch);
    if (stored !== batch.length) throw new Error(`${stored} of ${batch.length} points are stored`);
  });
  await provider.close();
}

/** The same bodies with nothing around them: no checks, no verdicts, no tokens that may expire. */
async function runBare(port: number, batches: readonly SensorPoint[][]): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${project.token}` };
  await inLanes(batches, async (batch) => {
    for (let from = 0; from < batch.length; from += pointsPerRequest) {
      const body = encode(batch, from, Math.min(batch.length, from + pointsPerRequest));
      const { statusCode, body: answer } = await pool.request({ path: '/v1/imports', method: 'POST', headers, body });
      await answer.dump();
      if (statusCode >= 300) throw new Error(`status ${statusCode}`);
    }
  });
  await pool.close();
}

function encode(points: readonly SensorPoint[], from: number, to: number): string {
  const bySeries = new Map<string, string>();
  for (let i = from; i < to; i++) {
    const { series, time, value } = points[i]!;
    const point = `{"time":${time * 1000},"value":${value}}`;
    const before = bySeries.get(series);
    bySeries.set(series, before === undefined ? point : `${before},${point}`);
  }
  let body = `{"project_id":${project.projectId},"device_id":"${project.deviceId}","timefmt":"usec","sources":[`;
  let separator = '';
  for (const [series, data] of bySeries) {
    body += `${separator}{"name":${JSON.stringify(series)},"data":[${data}]}`;
    separator = ',';
  }
  return `${body}]}`;
}

/** Works through the batches, some at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
    }),
  );
}
