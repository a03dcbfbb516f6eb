import { Readable } from 'node:stream';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { hostOf, type Open, timeOf } from './candidate.ts';
import { BATCH, N, URLB, val } from './imported/gen.mjs';

const into = { table: 'm', format: 'JSONEachRow' } as const;

/** One insert of an array of rows after the other. */
export const documented: Open = withClient(async (client) => {
  for (let from = 0; from < N; from += BATCH) await client.insert({ ...into, values: rows(from) });
});

/** Four inserts of arrays at a time, kept in hand by the caller. */
export const best: Open = withClient(async (client) => {
  const inserts = new Set<Promise<unknown>>();
  for (let from = 0; from < N; from += BATCH) {
    const insert: Promise<unknown> = client.insert({ ...into, values: rows(from) }).finally(() => inserts.delete(insert));
    inserts.add(insert);
    if (inserts.size >= 4) await Promise.race(inserts);
  }
  await Promise.all(inserts);
});

/** One insert of a stream of text that the caller has encoded: the client is a pipe. */
export const raw: Open = withClient(async (client) => {
  await client.insert({ table: 'm', values: Readable.from(texts(), { objectMode: false }), format: 'TabSeparated' });
});

function withClient(deliver: (client: ClickHouseClient) => Promise<void>): Open {
  return () => {
    const client = createClient({ url: URLB });
    return { deliver: () => deliver(client), close: () => client.close() };
  };
}

function rows(from: number) {
  return Array.from({ length: Math.min(BATCH, N - from) }, (_, row) => {
    const i = from + row;
    return { host: hostOf(i), value: val(i), time: timeOf(i) };
  });
}

function* texts(): Generator<string> {
  for (let from = 0; from < N; from += BATCH) {
    let text = '';
    for (let i = from; i < Math.min(N, from + BATCH); i++) text += `${hostOf(i)}\t${val(i)}\t${timeOf(i)}\n`;
    yield text;
  }
}
