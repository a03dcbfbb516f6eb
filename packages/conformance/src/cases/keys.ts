import { seriesKey } from '@anyseries/core';
import { equal } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch, type World } from '../world.ts';

/** Keys that break paths, queries, headers, SQL, JSON and sorting when somebody forgets to encode them. */
const hostileKeys: readonly string[] = [
  '.',
  '..',
  '...',
  '%2e%2e',
  '%2E',
  'a/../b',
  '/',
  '//',
  'a/b',
  'a\\b',
  '?',
  'a?b=c&d=e',
  '#',
  'a#b',
  '%',
  '%25',
  '%00',
  '+',
  'a b',
  ' a',
  'a ',
  "it's",
  '"quoted"',
  '`',
  '{',
  '}',
  '{}',
  'cpu{host="a"}',
  'cpu{host="a\\"b"}',
  '[0]',
  '$ref',
  '*',
  'a*',
  '_',
  'a;b,c:d=e|f',
  '<script>',
  '&amp;',
  'line\nfeed',
  'carriage\rreturn',
  'tab\tstop',
  '\u0001\u001f',
  '\u007f',
  '\u2028',
  '\u200b',
  '\ufeff',
  '\u202eevil',
  'é',
  'e\u0301',
  'ß',
  'ı',
  '日本語',
  '👍',
  '👩‍👩‍👧',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'true',
  '0',
  '-1',
  'NaN',
  'select * from points; --',
  "'; drop table points; --",
];

function kept(world: World, keys: readonly string[]): readonly string[] {
  const { maxBytes, reserved = [] } = world.capabilities.keys;
  return keys.filter((key) => !reserved.includes(key) && new TextEncoder().encode(key).length <= maxBytes);
}

/** The order of code points, which is that of the bytes in UTF-8. */
function inCodePointOrder(keys: readonly string[]): string[] {
  const codePoints = (text: string) => Array.from(text, (character) => character.codePointAt(0)!);
  return [...keys].sort((a, b) => {
    const [x, y] = [codePoints(a), codePoints(b)];
    const differs = x.findIndex((point, i) => point !== y[i]);
    return differs < 0 ? x.length - y.length : x[differs]! - (y[differs] ?? -1);
  });
}

/** Every text that is a series key names a series of its own. */
export const keyCases: readonly Case[] = [
  defineCase('hostile keys name series of their own', ['write', 'keys.caseSensitive'], async (world) => {
    const keys = kept(world, hostileKeys);
    await world.write(keys.map((series, value) => ({ series, time: epoch, value })));
    for (const [value, series] of keys.entries())
      equal(await world.read({ series }), [{ series, time: epoch, value }], `the points of ${JSON.stringify(series)}`);
  }),

  defineCase('keys that differ in case alone are told apart', ['write', 'keys.caseSensitive'], async (world) => {
    await world.write(['abc', 'Abc', 'ABC', 'É', 'é'].map((series, value) => ({ series, time: epoch, value })));
    equal(await world.readSeries('Abc'), [[epoch, 1]]);
    equal(await world.readSeries('é'), [[epoch, 4]]);
  }),

  defineCase('keys as long as declared are kept, and longer ones rejected by name', ['write'], async (world) => {
    const { maxBytes } = world.capabilities.keys;
    const longest = 'é'.repeat(Math.floor(maxBytes / 2)) + 'x'.repeat(maxBytes % 2);
    const almost = `${longest.slice(0, -1)}y`;
    const keys = [longest, `${longest}x`, almost];
    world.checkResult(await world.sink.write(keys.map((series, value) => ({ series, time: epoch, value }))), 2, [
      { index: 1, names: 'series' },
    ]);
    await world.settle();
    equal(await world.readSeries(longest), [[epoch, 0]]);
    equal(await world.readSeries(almost), [[epoch, 2]]);
  }),

  defineCase('several hostile keys are read in code-point order', ['read', 'read.windows=any', 'keys.caseSensitive'], async (world) => {
    const keys = kept(world, hostileKeys);
    await world.write(keys.map((series, value) => ({ series, time: epoch, value })));
    equal(
      (await world.read({ series: keys })).map(({ series }) => series),
      inCodePointOrder(keys),
    );
  }),

  defineCase('series are listed in code-point order, astral characters last', ['read.series', 'keys.caseSensitive'], async (world) => {
    const keys = ['\u{10000}', '\uffff', '\ufffd', 'z', 'a\u{1f44d}', 'a\uffff', 'a', 'Z', 'é', 'a\u{10000}b'];
    await world.write(keys.map((series, value) => ({ series, time: epoch, value })));
    equal(
      (await world.source.series().toArray()).map(({ key }) => key),
      ['Z', 'a', 'a\uffff', 'a\u{10000}b', 'a\u{1f44d}', 'z', 'é', '\ufffd', '\uffff', '\u{10000}'],
    );
  }),

  defineCase('hostile keys can be listed and asked for', ['read.series', 'keys.caseSensitive'], async (world) => {
    const keys = kept(world, hostileKeys);
    await world.write(keys.map((series, value) => ({ series, time: epoch, value })));
    equal(
      (await world.source.series().toArray()).map(({ key }) => key),
      inCodePointOrder(keys),
      'all keys',
    );
    for (const key of keys) {
      equal(
        (await world.source.series({ keys: [key] }).toArray()).map((series) => series.key),
        [key],
      );
    }
  }),

  defineCase('hostile keys can be deleted, each alone', ['write.deletes', 'keys.caseSensitive'], async (world) => {
    const keys = kept(world, hostileKeys);
    await world.write(keys.map((series, value) => ({ series, time: epoch, value })));
    for (const [value, series] of keys.entries()) {
      if (value % 2 === 0) await world.sink.delete({ series });
    }
    await world.settle();
    for (const [value, series] of keys.entries())
      equal(await world.readSeries(series), value % 2 === 0 ? [] : [[epoch, value]], JSON.stringify(series));
  }),

  defineCase('hostile labels are found by their values', ['write', 'read.series', 'keys.caseSensitive'], async (world) => {
    const labels = ['plain', '"', '\\', '\n', ',', '}', '{', '=', "'", ' ', '', '👍', '\\"', 'a="b"'];
    await world.write(
      labels.map((host, value) => ({ series: seriesKey({ name: 'cpu{\\', labels: { host, 'härd label': 'x' } }), time: epoch, value })),
    );
    for (const [value, host] of labels.entries()) {
      const points = await world.read({ series: { name: 'cpu{\\', labels: { host } } });
      equal(
        points.map((point) => point.value),
        [value],
        `the series with the label ${JSON.stringify(host)}`,
      );
    }
  }),
];
