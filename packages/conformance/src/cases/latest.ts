import { equal } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch } from '../world.ts';

const at = (i: number) => epoch + i * 1000;

/** The newest point of a series is that of the latest time, whenever it was written. */
export const latestCases: readonly Case[] = [
  defineCase('the latest point is that of the latest time, not the one written last', ['read.latest'], async (world) => {
    await world.write([5, 9, 2].map((i) => ({ series: 'alpha', time: at(i), value: i })));
    equal(await world.source.latest('alpha'), { series: 'alpha', time: at(9), value: 9 });
    await world.write([{ series: 'alpha', time: at(1), value: 1 }]);
    equal(await world.source.latest('alpha'), { series: 'alpha', time: at(9), value: 9 });
  }),

  defineCase('a series without points has no latest one', ['read.latest'], async (world) => {
    equal(await world.source.latest('missing'), undefined);
    equal(await world.source.latest(['missing']), []);
    equal(await world.source.latest([]), []);
  }),

  defineCase('the latest points of several keys come in key order, without those that have none', ['read.latest'], async (world) => {
    await world.write(
      ['gamma', 'alpha', 'beta'].flatMap((series, k) => [0, 1].map((i) => ({ series, time: at(i + k), value: i + 10 * k }))),
    );
    equal(await world.source.latest(['gamma', 'missing', 'alpha', 'gamma']), [
      { series: 'alpha', time: at(2), value: 11 },
      { series: 'gamma', time: at(1), value: 1 },
    ]);
  }),

  defineCase('the latest points of all series that a filter selects', ['read.latest', 'read.series'], async (world) => {
    await world.write(['cpu{host="a"}', 'cpu{host="b"}', 'disk'].map((series, i) => ({ series, time: at(i), value: i })));
    equal(await world.source.latest({ name: 'cpu' }), [
      { series: 'cpu{host="a"}', time: at(0), value: 0 },
      { series: 'cpu{host="b"}', time: at(1), value: 1 },
    ]);
  }),

  defineCase('after deletes the latest point is the one that is left', ['read.latest', 'write.deletes=range'], async (world) => {
    await world.write([0, 1, 2].map((i) => ({ series: 'alpha', time: at(i), value: i })));
    await world.sink.delete({ series: 'alpha', start: at(2), end: at(2) });
    await world.settle();
    equal(await world.source.latest('alpha'), { series: 'alpha', time: at(1), value: 1 });
    await world.sink.delete({ series: 'alpha' });
    await world.settle();
    equal(await world.source.latest('alpha'), undefined);
  }),

  defineCase('times before 1970 are earlier than those after', ['read.latest', 'times.min<0'], async (world) => {
    await world.write([-5000, -1000].map((time, value) => ({ series: 'alpha', time, value })));
    equal(await world.source.latest('alpha'), { series: 'alpha', time: -1000, value: 1 });
  }),
];
