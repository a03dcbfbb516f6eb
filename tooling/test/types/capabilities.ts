import { allTimes, type Capabilities, type Provider } from '@anyseries/core';

const writesNumbers = {
  write: { limits: {}, onDuplicate: 'adds', outcome: 'unconfirmed', granularity: 'batch' },
  values: ['number'],
  times: { resolution: 's', ...allTimes },
  keys: { maxBytes: 64, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

const readsText = {
  read: { windows: 'any' },
  values: ['string'],
  times: { resolution: 'ms', ...allTimes },
  keys: { maxBytes: 64, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

const deletesSeries = { ...writesNumbers, write: { ...writesNumbers.write, deletes: 'series' } } as const satisfies Capabilities;

const countsIntegers = { ...writesNumbers, write: { ...writesNumbers.write, increment: 'integers' } } as const satisfies Capabilities;

export async function aSinkThatAddsIntegersCanIncrement(sink: Provider<typeof countsIntegers>): Promise<void> {
  await sink.increment([{ series: 'a', time: 0, value: 1 }]);
  // @ts-expect-error TS2345 amounts are numbers
  await sink.increment([{ series: 'a', time: 0, value: 'text' }]);
}

export async function aSinkHasOnlyWhatItDeclares(sink: Provider<typeof writesNumbers>): Promise<void> {
  await sink.write([{ series: 'a', time: 0, value: 1 }]);
  // @ts-expect-error TS2339 it cannot read
  sink.read({ series: 'a' });
  // @ts-expect-error TS2339 it cannot tell the latest point
  await sink.latest('a');
  // @ts-expect-error TS2339 it cannot list series
  sink.series();
  // @ts-expect-error TS2339 it cannot subscribe
  sink.subscribe();
  // @ts-expect-error TS2339 it cannot increment
  await sink.increment([{ series: 'a', time: 0, value: 1 }]);
  // @ts-expect-error TS2339 it cannot delete
  await sink.delete({ series: 'a' });
  // @ts-expect-error TS2339 it keeps no metadata
  await sink.putSeries({ key: 'a' });
  // @ts-expect-error TS2339 it is no store
  await sink.records.get('a', 'b');
}

export async function aSinkTakesOnlyTheValuesItKeeps(sink: Provider<typeof writesNumbers>): Promise<void> {
  // @ts-expect-error TS2345 it keeps numbers only
  await sink.write([{ series: 'a', time: 0, value: 'text' }]);
  // @ts-expect-error TS2345 it keeps numbers only
  await sink.write([{ series: 'a', time: 0, value: true }]);
  // @ts-expect-error TS2345 no backend keeps what is not there
  await sink.write([{ series: 'a', time: 0, value: null }]);
}

export async function aSourceGivesTheValuesItKeeps(source: Provider<typeof readsText>): Promise<string[]> {
  const points = await source.read({ series: 'a' }).toArray();
  // @ts-expect-error TS2339 it cannot write
  await source.write([{ series: 'a', time: 0, value: 'text' }]);
  // @ts-expect-error TS2551 a text has no toFixed
  points[0]?.value.toFixed(1);
  return points.map(({ value }) => value);
}

export async function whoDeletesSeriesOnlyTakesNoRange(sink: Provider<typeof deletesSeries>): Promise<void> {
  await sink.delete({ series: 'a' });
  // @ts-expect-error TS2353 ranges cannot be deleted
  await sink.delete({ series: 'a', start: 0, end: 1 });
}
