import { createWriter, seriesKey, type TimeSeriesSink, type Writer } from '@anyseries/core';
import { connect as connectTempoDB } from '@anyseries/tempodb';
import { type Open, timeOf } from './candidate.ts';
import { HOSTS, N, URLB, val } from './imported/gen.mjs';
import { connect as connectLines } from './line-protocol.ts';

const seriesKeys = HOSTS.map((host) => seriesKey({ name: 'm', labels: { host } }));
const openLines = (fetch?: typeof globalThis.fetch) => connectLines({ url: `${URLB}/api/v2/write?org=o&bucket=b&precision=ms`, fetch });
const openJson = (fetch?: typeof globalThis.fetch) => connectTempoDB({ url: URLB, key: 'key', secret: 'secret', fetch });

export const lines = writing(() => openLines(), seriesKeys, writeAll);
export const linesByFetch = writing(() => openLines(globalThis.fetch), seriesKeys, writeAll);
export const awaited = writing(() => openLines(), seriesKeys, awaitEach);
export const awaitedByFetch = writing(() => openLines(globalThis.fetch), seriesKeys, awaitEach);
export const json = writing(() => openJson(), HOSTS, writeAll);
export const jsonByFetch = writing(() => openJson(globalThis.fetch), HOSTS, writeAll);

type Write = (writer: Writer, keys: readonly string[]) => Promise<void>;

/** Waits only when the writer asks for it. */
async function writeAll(writer: Writer, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < N; i++) {
    const room = writer.write({ series: keys[i % 100]!, time: timeOf(i), value: val(i) });
    if (room !== undefined) await room;
  }
}

async function awaitEach(writer: Writer, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < N; i++) await writer.write({ series: keys[i % 100]!, time: timeOf(i), value: val(i) });
}

function writing(connect: () => TimeSeriesSink, keys: readonly string[], write: Write): Open {
  return async () => {
    // as the bare loops, which import it before they begin
    await import('undici');
    const sink = connect();
    const writer = createWriter(sink);
    return {
      async deliver() {
        await write(writer, keys);
        const { stored } = await writer.flush();
        if (stored !== N) throw new Error(`${stored} of ${N} points are stored`);
      },
      async close() {
        await writer.close();
        await sink.close();
      },
    };
  };
}
