import { createIdRegistry } from '@anyseries/core/provider';
import { connect, type TimetricProviderSettings } from '@anyseries/timetric';
import Papa from 'papaparse';
import { Pool } from 'undici';
import { startSink } from './delivery/sink-process.ts';
import { comparePaired, type Run, timed } from './measure.ts';
import { pairedRows, type Row, type Suite } from './row.ts';
import { type SensorPoint, sensorBatches } from './workload.ts';

const id = '--86fpHQT2uMKl1-Cx-TxA';
const series = 'temperature';
const rowsPerRequest = 10_000;
const stepMs = 10_000;

export const suite: Suite = {
  title: 'the provider of Timetric: CSV to a sink that only counts, and canned CSV back, against loops that do nothing else',
  async *run(size) {
    const batches = [...sensorBatches(size)].map((batch, i) => oneSeries(batch, i));
    yield* await upload(batches, size);
    yield* await download(batches, size);
  },
};

/** The points of a batch as they are of one series: later and later. */
function oneSeries(batch: readonly SensorPoint[], number: number): SensorPoint[] {
  const first = batch[0]!.time + number * batch.length * stepMs;
  return batch.map(({ value }, i) => ({ series, time: first + i * stepMs, value }));
}

const oauth = {
  consumerKey: 'hT7kPq2ZwXc9RmNd',
  consumerSecret: 'vB4sYgK8jU3eFz6C',
  token: 'aD6wN3pXcT8hMq2Y',
  tokenSecret: 'eK5jSg9ZvB7rFx4U',
};

function open(settings: TimetricProviderSettings) {
  return connect({ ...oauth, registry: createIdRegistry({ [series]: id }), ...settings });
}

/** One request after the other, as the points of one series have to go. */
async function upload(batches: readonly SensorPoint[][], size: number): Promise<Row[]> {
  const sink = await startSink();
  const url = `http://127.0.0.1:${sink.port}`;
  const expectAll = async () => {
    const { lines } = await sink.count();
    if (lines !== size) throw new Error(`the sink has got ${lines} rows`);
  };
  const bare: Run = async () => {
    const pool = new Pool(url, { connections: 1 });
    const timing = await timed(async () => {
      for (const batch of batches) {
        for (let from = 0; from < batch.length; from += rowsPerRequest) {
          let body = '';
          for (const { time, value } of batch.slice(from, from + rowsPerRequest)) body += `${time / 1000}.0,${value}\n`;
          const { statusCode, body: answer } = await pool.request({
            path: `/series/${id}/`,
            method: 'POST',
            headers: { 'content-type': 'text/csv' },
            body,
          });
          await answer.dump();
          if (statusCode !== 204) throw new Error(`status ${statusCode}`);
        }
      }
    });
    await pool.close();
    await expectAll();
    return timing;
  };
  const ours: Run = async () => {
    await using provider = open({ url });
    const timing = await timed(async () => {
      for (const batch of batches) await provider.write(batch);
    });
    await expectAll();
    return timing;
  };
  const paired = await comparePaired(bare, ours);
  await sink.close();
  return pairedRows({ bare: 'upload: bare, encode and post', ours: 'upload: write()' }, size, paired, 0.8);
}

/** From bytes at hand, so that nothing but reading them is timed. */
async function download(batches: readonly SensorPoint[][], size: number): Promise<Row[]> {
  const bytes = new TextEncoder().encode(
    batches.flatMap((batch) => batch.map(({ time, value }) => `${time / 1000}.0,${value}\n`)).join(''),
  );
  const sum = batches.flat().reduce((total, { value }) => total + value, 0);
  const check = (times: Float64Array, values: Float64Array) => {
    if (times.length !== size || times[1]! - times[0]! !== stepMs || values.reduce((total, value) => total + value, 0) !== sum)
      throw new Error('other points came back');
  };
  const bare: Run = async () => {
    const [times, values] = [new Float64Array(size), new Float64Array(size)];
    const timing = await timed(() => {
      const { data } = Papa.parse<string[]>(new TextDecoder().decode(bytes), { delimiter: ',', newline: '\n', skipEmptyLines: true });
      for (const [row, [time, value]] of data.entries()) {
        times[row] = Number(time) * 1000;
        values[row] = Number(value);
      }
    });
    check(times, values);
    return timing;
  };
  const ours: Run = async () => {
    const fetch = async () => new Response(bytes, { headers: { 'content-type': 'text/csv; charset=utf-8' } });
    await using provider = open({ url: 'http://timetric.bench', fetch });
    let columns: { times: Float64Array; values: Float64Array } | undefined;
    const timing = await timed(async () => {
      columns = await provider.read({ series }).columns();
    });
    check(columns!.times, columns!.values);
    return timing;
  };
  const paired = await comparePaired(bare, ours);
  return pairedRows({ bare: 'download: bare, parse', ours: 'download: read().columns()' }, size, paired, 0.8);
}
