import { allTimes, type Capabilities, createWriter, mirror, type Provider, type StoreCapabilities } from '@anyseries/core';

const writesNumbers = {
  write: { limits: {}, onDuplicate: 'overwrites', outcome: 'stored', granularity: 'batch' },
  values: ['number'],
  times: { resolution: 'ms', ...allTimes },
  keys: { maxBytes: 64, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

const reads = {
  read: { windows: 'any' },
  values: ['number'],
  times: { resolution: 'ms', ...allTimes },
  keys: { maxBytes: 64, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

export async function aWriterTakesWhatItsSinkTakes(
  sink: Provider<typeof writesNumbers>,
  store: Provider<StoreCapabilities>,
): Promise<void> {
  const writer = createWriter(sink);
  await writer.write({ series: 'a', time: 0, value: 1 });
  await writer.write([{ series: 'a', value: 1 }], { signal: new AbortController().signal });
  // @ts-expect-error TS2322 the sink keeps numbers only
  await writer.write({ series: 'a', value: 'text' });
  await createWriter(store).offer([{ series: 'a', value: 'text' }]).done;
  await createWriter(mirror(store, store)).write({ series: 'a', value: true });
}

export function aWriterNeedsASink(source: Provider<typeof reads>): void {
  // @ts-expect-error TS2345 it does not write
  createWriter(source);
}
