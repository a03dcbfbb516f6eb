import type { DeleteRequest } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch, type World } from '../world.ts';

const at = (i: number) => epoch + i * 1000;

async function fill(world: World): Promise<void> {
  await world.write(['alpha', 'beta'].flatMap((series) => Array.from({ length: 10 }, (_, i) => ({ series, time: at(i), value: i }))));
}

async function values(world: World, series = 'alpha'): Promise<unknown[]> {
  return (await world.read({ series })).map(({ value }) => value);
}

/** Deleting: exactly what was asked for, and nothing beside it. */
export const deleteCases: readonly Case[] = [
  defineCase('a deleted range includes its start and excludes its end', ['write.deletes=range'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'alpha', start: at(3), end: at(6) });
    await world.settle();
    equal(await values(world), [0, 1, 2, 6, 7, 8, 9]);
    equal(await values(world, 'beta'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'the other series');
  }),

  defineCase('a range from a time to itself deletes the one point there', ['write.deletes=range'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'alpha', start: at(4), end: at(4) });
    await world.settle();
    equal(await values(world), [0, 1, 2, 3, 5, 6, 7, 8, 9]);
  }),

  defineCase('a range between two points deletes neither', ['write.deletes=range', 'times=ms'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'alpha', start: at(3) + 1, end: at(4) });
    await world.sink.delete({ series: 'alpha', start: at(5) + 1, end: at(5) + 1 });
    await world.settle();
    equal(await values(world), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }),

  defineCase('a range takes every form of a time', ['write.deletes=range'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'alpha', start: new Date(at(1)), end: '2024-01-01T00:00:03Z' });
    await world.settle();
    equal(await values(world), [0, 3, 4, 5, 6, 7, 8, 9]);
  }),

  defineCase('ranges before 1970 are deleted like any other', ['write.deletes=range', 'times.min<0'], async (world) => {
    await world.write([-3000, -2000, -1000, 0].map((time, value) => ({ series: 'alpha', time, value })));
    await world.sink.delete({ series: 'alpha', start: -2000, end: 0 });
    await world.settle();
    equal(await values(world), [0, 3]);
  }),

  defineCase(
    'a range over all points leaves the series with its metadata',
    ['write.deletes=range', 'write.putSeries', 'read.series'],
    async (world) => {
      await world.sink.putSeries({ key: 'alpha', tags: ['x'] });
      await fill(world);
      await world.sink.delete({ series: 'alpha', start: at(0), end: at(10) });
      await world.settle();
      equal(await values(world), []);
      const [alpha] = await world.source.series({ keys: ['alpha'] }).toArray();
      equal(alpha?.tags, ['x'], 'the tags');
    },
  ),

  defineCase('more than 10,000 points are deleted in one go', ['write.deletes=range'], async (world) => {
    await world.write(Array.from({ length: 12_000 }, (_, i) => ({ series: 'alpha', time: at(i), value: i })));
    await world.sink.delete({ series: 'alpha', start: at(1), end: at(11_999) });
    await world.settle();
    equal(await values(world), [0, 11_999]);
  }),

  defineCase('deleting a series takes its points and leaves the others', ['write.deletes'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'alpha' });
    await world.settle();
    equal(await values(world), []);
    equal(await values(world, 'beta'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'the other series');
  }),

  defineCase(
    'a deleted series is not listed, and its metadata is gone',
    ['write.deletes', 'write.putSeries', 'read.series'],
    async (world) => {
      await world.sink.putSeries({ key: 'alpha', tags: ['x'], attributes: { a: '1' } });
      await fill(world);
      await world.sink.delete({ series: 'alpha' });
      await world.settle();
      equal(
        (await world.source.series().toArray()).map(({ key }) => key),
        ['beta'],
      );
      await world.write([{ series: 'alpha', time: at(0), value: 1 }]);
      const [alpha] = await world.source.series({ keys: ['alpha'] }).toArray();
      equal([alpha?.tags, alpha?.attributes], [[], {}], 'the metadata of the series that was written anew');
    },
  ),

  defineCase('a point can be written again where one was deleted', ['write.deletes=range'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'alpha', start: at(0), end: at(10) });
    await world.write([{ series: 'alpha', time: at(4), value: 44 }]);
    equal(await world.readSeries('alpha'), [[at(4), 44]]);
  }),

  defineCase('deleting what is not there is no error', ['write.deletes'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'missing' });
    await world.sink.delete({ series: 'alpha' });
    await world.sink.delete({ series: 'alpha' });
  }),

  defineCase('deleting a range that is not there is no error', ['write.deletes=range'], async (world) => {
    await fill(world);
    await world.sink.delete({ series: 'missing', start: at(0), end: at(1) });
    await world.sink.delete({ series: 'alpha', start: at(100), end: at(200) });
    await world.settle();
    equal((await values(world)).length, 10, 'the number of points');
  }),

  defineCase('a bad request to delete is refused by the name of its field', ['write.deletes=range'], async (world) => {
    await fill(world);
    const requests: readonly (readonly [string, unknown])[] = [
      ['series', {}],
      ['series', { series: '' }],
      ['start', { series: 'alpha', start: Number.NaN, end: at(1) }],
      ['end', { series: 'alpha', start: at(0), end: 'never' }],
      ['end', { series: 'alpha', start: at(0) }],
      ['start', { series: 'alpha', end: at(1) }],
      ['end', { series: 'alpha', start: at(2), end: at(1) }],
      ['end', { series: 'alpha', start: at(2), end: undefined }],
      ['until', { series: 'alpha', until: at(1) }],
    ];
    for (const [names, request] of requests) {
      const error = await world.failure('invalid', () => world.sink.delete(request as DeleteRequest));
      ok(error.message.includes(names), `the message names ${names}: ${error.message}`);
    }
    equal((await values(world)).length, 10, 'the number of points');
  }),
];
