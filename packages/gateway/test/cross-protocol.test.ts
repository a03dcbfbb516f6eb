import type { Store } from '@anyseries/core';
import { connect as connectMemory } from '@anyseries/memory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '../src/index.ts';
import { found, type Sample, type Speaker, shown, speakers } from './speakers.ts';

const t0 = Date.UTC(2026, 2, 28, 22);
let store: Store;
let gateway: Awaited<ReturnType<typeof startGateway>>;

beforeAll(async () => {
  store = connectMemory();
  gateway = await startGateway({
    store,
    port: 0,
    log: { level: 'silent' },
    protocols: speakers.map(({ protocol }) => protocol),
    credentials: speakers.map(({ protocol, credentials }) => ({ protocol, project: 'default', ...credentials })),
  });
});
afterAll(async () => {
  await gateway.close();
  await store.close();
});

test('every provider with a protocol server takes part', () => {
  expect(speakers.map(({ protocol }) => protocol)).toEqual(found);
});

for (const writer of speakers) {
  for (const reader of speakers) {
    describe(`written by ${writer.protocol}, read by ${reader.protocol}`, () => {
      test('every point arrives, in order, with its value', async () => {
        const key = await seriesOf(writer, 'pair', [
          [t0 + 2000, 3],
          [t0, 1],
          [t0 + 1000, 2],
        ]);
        expect(await readBy(reader, key)).toEqual([
          [t0, 1],
          [t0 + 1000, 2],
          [t0 + 2000, 3],
        ]);
      });

      test('a point written again shows as the store keeps it', async () => {
        const key = await seriesOf(writer, 'again', [[t0, 1]]);
        const provider = writer.connect(gateway.url);
        await provider.write([{ series: 'again', time: t0, value: 5 }]);
        await provider.close();
        expect(await readBy(reader, key)).toEqual(shown(await stored(key), capabilitiesOf(reader)));
      });

      test('what one deletes the other does not see', async () => {
        const key = await seriesOf(writer, 'deleted', [
          [t0, 1],
          [t0 + 1000, 2],
          [t0 + 2000, 3],
        ]);
        const provider = writer.connect(gateway.url);
        if (provider.capabilities.write.deletes !== 'range') return provider.close();
        await provider.delete({ series: 'deleted', start: t0 + 1000, end: t0 + 2000 });
        await provider.close();
        expect(await readBy(reader, key)).toEqual([
          [t0, 1],
          [t0 + 2000, 3],
        ]);
      });
    });
  }
}

const mixed: readonly Sample[] = [
  [t0, 1.5],
  [t0 + 0.25, 2.5],
  [t0 + 0.75, 3],
  [t0 + 999, 4],
  [t0 + 1000, 'text'],
  [t0 + 1000.5, true],
  [t0 + 2000, 'only text'],
  [t0 + 3000, 2n ** 60n + 1n],
  [t0 + 4000, -0],
];

for (const reader of speakers) {
  describe(`written by the store itself, read by ${reader.protocol}`, () => {
    test('finer times are floored, the last of a tick is shown, and values without a type are left out', async () => {
      const key = await seriesOf(reader, `mixed-${reader.protocol}`, [[t0 - 1000, 0]]);
      await store.delete({ series: key, start: t0 - 1000, end: t0 });
      await store.write(mixed.map(([time, value]) => ({ series: key, time, value })));
      expect(await readBy(reader, key)).toEqual(shown(mixed, capabilitiesOf(reader)));
    });

    test('a delete covers whole ticks', async () => {
      const name = `ticks-${reader.protocol}`;
      const key = await seriesOf(reader, name, [[t0, 0]]);
      const provider = reader.connect(gateway.url);
      const { write, times } = provider.capabilities;
      if (write.deletes === 'range' && times.resolution !== 'us') {
        const tick = times.resolution === 's' ? 1000 : 1;
        await store.write([0.25, 0.5, 1, 1.5].map((part) => ({ series: key, time: t0 + part * tick, value: part })));
        await provider.delete({ series: name, start: t0, end: t0 });
        expect((await stored(key)).map(([time]) => (time - t0) / tick)).toEqual([1, 1.5]);
      }
      await provider.close();
    });

    test('a series that another has made is listed and has the newest point', async () => {
      const key = `born-${reader.protocol}`;
      await store.write([{ series: key, time: t0, value: 7 }]);
      const provider = reader.connect(gateway.url);
      const listed = await provider.series().toArray();
      const samples = await Promise.all(listed.map(async (series) => (await provider.latest(series.key))?.value));
      expect(samples).toContain(7);
      await provider.close();
    });
  });
}

/** Writes points by a protocol under its name for a series; answers the series' key in the store. */
async function seriesOf(speaker: Speaker, name: string, samples: readonly Sample[]): Promise<string> {
  const provider = speaker.connect(gateway.url);
  if ((await stored(name)).length > 0) await store.delete({ series: name });
  const { rejected } = await provider.write(samples.map(([time, value]) => ({ series: name, time, value })));
  expect(rejected).toEqual([]);
  await provider.close();
  return speaker.storeKey(name, gateway.url);
}

/** All points of a series of the store, as a protocol shows them. */
async function readBy(reader: Speaker, storeKey: string): Promise<Sample[]> {
  const provider = reader.connect(gateway.url);
  try {
    for await (const { key } of provider.series()) {
      if ((await reader.storeKey(key, gateway.url)) !== storeKey) continue;
      return (await provider.read({ series: key }).toArray()).map(({ time, value }) => [time, value]);
    }
    return [];
  } finally {
    await provider.close();
  }
}

async function stored(key: string): Promise<Sample[]> {
  return (await store.read({ series: key }).toArray()).map(({ time, value }) => [time, value]);
}

function capabilitiesOf(speaker: Speaker) {
  const provider = speaker.connect(gateway.url);
  const { capabilities } = provider;
  void provider.close();
  return capabilities;
}
