import type { PointInput } from '@anyseries/core';
import { type Case, defineCase } from '../case.ts';
import { epoch } from '../world.ts';

const points: readonly PointInput<number>[] = [{ series: 'alpha', time: epoch, value: 1 }];

/** What the capabilities do not declare is refused as `unsupported`, not answered somehow. */
export const undeclaredCases: readonly Case[] = [
  defineCase('writing is refused where it is not declared', ['not write'], async (world) => {
    await world.failure('unsupported', () => world.provider.write(points));
    await world.failure('unsupported', () => world.provider.increment(points));
    await world.failure('unsupported', () => world.provider.delete({ series: 'alpha' }));
    await world.failure('unsupported', () => world.provider.putSeries({ key: 'alpha' }));
  }),

  defineCase('incrementing is refused where it is not declared', ['not write.increment'], async (world) => {
    await world.failure('unsupported', () => world.provider.increment(points));
  }),

  defineCase('deleting is refused where it is not declared', ['not write.deletes'], async (world) => {
    await world.failure('unsupported', () => world.provider.delete({ series: 'alpha' }));
    await world.failure('unsupported', () => world.provider.delete({ series: 'alpha', start: epoch, end: epoch }));
  }),

  defineCase('deleting a range is refused where it is not declared', ['not write.deletes=range'], async (world) => {
    await world.failure('unsupported', () => world.provider.delete({ series: 'alpha', start: epoch, end: epoch + 1000 }));
  }),

  defineCase('putting series is refused where it is not declared', ['not write.putSeries'], async (world) => {
    await world.failure('unsupported', () => world.provider.putSeries({ key: 'alpha' }));
  }),

  defineCase('reading is refused where it is not declared', ['not read'], async (world) => {
    await world.failure('unsupported', () => world.provider.read({ series: 'alpha' }).toArray());
  }),

  defineCase('reading windows that do not end now is refused where it is not declared', ['read', 'not read.windows=any'], async (world) => {
    await world.failure('unsupported', () => world.provider.read({ series: 'alpha', start: epoch, end: epoch + 1000 }).toArray());
  }),

  defineCase('listing series is refused where it is not declared', ['not read.series'], async (world) => {
    await world.failure('unsupported', () => world.provider.series().toArray());
  }),

  defineCase('reading by a filter is refused where listing series is not declared', ['read', 'not read.series'], async (world) => {
    await world.failure('unsupported', () => world.provider.read({ series: { name: 'alpha' } }).toArray());
  }),

  defineCase('asking for the latest point is refused where it is not declared', ['not read.latest'], async (world) => {
    await world.failure('unsupported', () => world.provider.latest('alpha'));
  }),

  defineCase('subscribing is refused where it is not declared', ['not read.subscribe'], async (world) => {
    await world.failure('unsupported', async () => {
      for await (const _ of world.provider.subscribe()) break;
      return 'the loop ended';
    });
  }),
];
