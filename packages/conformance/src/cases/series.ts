import type { Series, SeriesFilter, SeriesInput } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['write.putSeries', 'read.series'];

const fleet: readonly SeriesInput[] = [
  { key: 'cpu{core="0",host="a"}', attributes: { site: 'berlin', rack: '1' }, tags: ['prod', 'eu'] },
  { key: 'cpu{core="1",host="a"}', attributes: { site: 'berlin', rack: '2' }, tags: ['prod'] },
  { key: 'cpu{core="0",host="b"}', attributes: { site: 'oslo', rack: '1' }, tags: ['test', 'eu'] },
  { key: 'memory{host="a"}', attributes: { site: 'berlin' }, tags: ['prod', 'eu', 'slow'] },
  { key: 'plain', name: 'A plain one' },
];

async function withoutId(world: World, filter?: SeriesFilter): Promise<Omit<Series, 'id'>[]> {
  return (await world.source.series(filter).toArray()).map(({ id: _, ...rest }) => rest);
}

/** Metadata and filters. */
export const seriesCases: readonly Case[] = [
  defineCase('a series that is put is listed with its metadata', needs, async (world) => {
    const input = {
      key: 'alpha',
      name: 'First Letter',
      attributes: { site: 'berlin', 'ключ "1"': 'wert\n👍' },
      tags: ['b', 'a', 'b', 'ä'],
    };
    const { id: _, ...answered } = await world.sink.putSeries(input);
    const expected = { key: 'alpha', name: 'First Letter', attributes: input.attributes, tags: ['a', 'b', 'ä'] };
    equal(answered, expected, 'the answer of putSeries');
    await world.settle();
    equal(await withoutId(world), [expected], 'the list');
  }),

  defineCase('putting a series replaces its metadata and clears what is left out', needs, async (world) => {
    await world.sink.putSeries({ key: 'alpha', name: 'Old', attributes: { a: '1', b: '2' }, tags: ['x'] });
    await world.sink.putSeries({ key: 'alpha', attributes: { b: '3' } });
    await world.settle();
    equal(await withoutId(world), [{ key: 'alpha', attributes: { b: '3' }, tags: [] }]);
  }),

  defineCase('putting a series leaves its points alone', needs, async (world) => {
    await world.write([{ series: 'alpha', time: epoch, value: 1 }]);
    await world.sink.putSeries({ key: 'alpha', tags: ['x'] });
    await world.settle();
    equal(await world.readSeries('alpha'), [[epoch, 1]]);
  }),

  defineCase('a series that was only written to is listed, with empty metadata', ['write', 'read.series'], async (world) => {
    await world.write(['beta', 'alpha'].map((series) => ({ series, time: epoch, value: 1 })));
    equal(
      (await withoutId(world)).map(({ key, attributes, tags }) => ({ key, attributes, tags })),
      [
        { key: 'alpha', attributes: {}, tags: [] },
        { key: 'beta', attributes: {}, tags: [] },
      ],
    );
  }),

  defineCase('writing to a series leaves its metadata alone', needs, async (world) => {
    await world.sink.putSeries(fleet[0]!);
    await world.write([{ series: fleet[0]!.key, time: epoch, value: 1 }]);
    equal(await withoutId(world), [{ key: fleet[0]!.key, attributes: { site: 'berlin', rack: '1' }, tags: ['eu', 'prod'] }]);
  }),

  defineCase('without series the list is empty', ['read.series'], async (world) => {
    equal(await world.source.series().toArray(), []);
    equal(await world.source.series({ tags: ['x'] }).toArray(), []);
  }),

  defineCase('all conditions of a filter must hold', needs, async (world) => {
    for (const series of fleet) await world.sink.putSeries(series);
    await world.settle();
    const [cpu0a, cpu1a, cpu0b, memory, plain] = fleet.map(({ key }) => key);
    const filters: readonly (readonly [SeriesFilter, readonly (string | undefined)[]])[] = [
      [{}, [cpu0a, cpu0b, cpu1a, memory, plain]],
      [{ name: 'cpu' }, [cpu0a, cpu0b, cpu1a]],
      [{ name: 'plain' }, [plain]],
      [{ name: 'A plain one' }, []],
      [{ labels: { host: 'a' } }, [cpu0a, cpu1a, memory]],
      [{ labels: { host: 'a', core: '0' } }, [cpu0a]],
      [{ labels: { host: 'a', core: '2' } }, []],
      [{ labels: { rack: '1' } }, []],
      [{ attributes: { rack: '1' } }, [cpu0a, cpu0b]],
      [{ attributes: { rack: '1', site: 'berlin' } }, [cpu0a]],
      [{ attributes: { rack: '1', site: 'rome' } }, []],
      [{ attributes: { toString: 'x' } }, []],
      [{ tags: ['eu'] }, [cpu0a, cpu0b, memory]],
      [{ tags: ['eu', 'prod'] }, [cpu0a, memory]],
      [{ tags: ['prod', 'eu', 'slow'] }, [memory]],
      [{ tags: ['eu', 'missing'] }, []],
      [{ keys: [plain!, cpu0a!, 'missing'] }, [cpu0a, plain]],
      [{ keys: [] }, []],
      [{ keys: [plain!, cpu0a!], tags: ['eu'] }, [cpu0a]],
      [{ name: 'cpu', tags: ['prod'] }, [cpu0a, cpu1a]],
      [{ name: 'cpu', labels: { core: '0' }, attributes: { site: 'oslo' }, tags: ['eu'] }, [cpu0b]],
      [{ name: 'memory', labels: { core: '0' } }, []],
      [{ name: 'cpu', attributes: { rack: '2' }, tags: ['eu'] }, []],
      [{ name: 'cpu', labels: { core: '1' }, attributes: { site: 'oslo' } }, []],
      [{ labels: { host: 'b' }, attributes: { site: 'oslo' }, tags: ['prod'] }, []],
      [{ name: 'memory', labels: { host: 'a' }, attributes: { site: 'berlin' }, tags: ['test'] }, []],
    ];
    for (const [filter, expected] of filters) {
      equal(
        (await world.source.series(filter).toArray()).map(({ key }) => key),
        expected,
        `the series of ${JSON.stringify(filter)}`,
      );
    }
  }),

  defineCase('a filter sees metadata as it is now', needs, async (world) => {
    await world.sink.putSeries({ key: 'alpha', tags: ['old'] });
    await world.sink.putSeries({ key: 'alpha', tags: ['new'] });
    await world.settle();
    equal(await world.source.series({ tags: ['old'] }).toArray(), [], "the series tagged 'old'");
    equal((await world.source.series({ tags: ['new'] }).toArray()).length, 1, "the number of series tagged 'new'");
  }),

  defineCase('bad metadata and bad filters are refused by name', needs, async (world) => {
    const inputs: readonly (readonly [string, unknown])[] = [
      ['key', {}],
      ['key', { key: '' }],
      ['name', { key: 'alpha', name: 5 }],
      ['attributes', { key: 'alpha', attributes: { a: 1 } }],
      ['attributes', { key: 'alpha', attributes: ['a'] }],
      ['tags', { key: 'alpha', tags: 'x' }],
      ['tags', { key: 'alpha', tags: ['x', 5] }],
      ['tag', { key: 'alpha', tag: 'x' }],
    ];
    for (const [names, input] of inputs) {
      const error = await world.failure('invalid', () => world.sink.putSeries(input as SeriesInput));
      ok(error.message.includes(names), `the message names ${names}: ${error.message}`);
    }
    for (const [names, filter] of [
      ['tags', { tags: 'x' }],
      ['labels', { labels: { a: 1 } }],
      ['attributes', { attributes: 'x' }],
      ['keys', { keys: [''] }],
      ['site', { site: 'berlin' }],
    ] as const) {
      const error = await world.failure('invalid', () => world.source.series(filter as unknown as SeriesFilter).toArray());
      ok(error.message.includes(names), `the message names ${names}: ${error.message}`);
    }
    equal(await world.source.series().toArray(), [], 'nothing was put');
  }),
];
