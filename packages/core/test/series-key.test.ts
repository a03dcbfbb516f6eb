import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkKey, compareCodePoints, parseSeriesKey, seriesKey } from '../src/series-key.ts';

const invalidField = (field: string) =>
  expect.objectContaining({ code: 'invalid', message: expect.stringMatching(new RegExp(`^${field}: `)) });

/** Texts full of what the grammar uses, and of what it does not. */
const units = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '"',
    '\\',
    '\n',
    '\r',
    'n',
    '=',
    ',',
    'a',
    'b',
    '"}',
    '\\"',
    '{a="b"}',
    '__proto__',
    'é',
    '😀',
    '\uffff',
    '\ue000',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }).filter((text) => !text.includes('\0')),
);
const text = (maxLength: number) => fc.array(units, { maxLength }).map((parts) => parts.join(''));
const label = fc.oneof(
  text(3).map((name) => name.replace(/[="{},\\\n]/g, '')),
  fc.constantFrom('host', 'core', '__proto__', 'constructor', ' ', '1', '10', '2'),
);
const parts = fc
  .record({ name: text(8), labels: fc.array(fc.tuple(label, text(6)), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)) })
  .filter(({ name, labels }) => Object.keys(labels).every((key) => key !== '') && (name !== '' || Object.keys(labels).length > 0));

describe('a canonical key', () => {
  test('has its labels in the order of their code points, and escapes what the grammar uses', () => {
    expect(seriesKey({ name: 'cpu', labels: { host: 'a', core: '1' } })).toBe('cpu{core="1",host="a"}');
    expect(seriesKey({ name: 'cpu' })).toBe('cpu');
    expect(seriesKey({ name: 'cpu', labels: {} })).toBe('cpu');
    expect(seriesKey({ name: 'a{b\\c"', labels: { x: 'q"s\\t\nu{}=,' } })).toBe('a\\{b\\\\c"{x="q\\"s\\\\t\\nu{}=,"}');
    expect(seriesKey({ name: '', labels: { a: '' } })).toBe('{a=""}');
    expect(seriesKey({ name: 'x', labels: { '😀': '1', '\uffff': '2', 10: '3', 9: '4' } })).toBe('x{10="3",9="4",\uffff="2",😀="1"}');
  });

  test('gives back the name and labels that it was built from', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const parsed = parseSeriesKey(seriesKey(given));
        expect(parsed.name).toBe(given.name);
        expect(Object.entries(parsed.labels).sort()).toEqual(Object.entries(given.labels).sort());
      }),
      { numRuns: 3000 },
    );
  });

  test('is built again from what it was parsed to, and any other text is a name', () => {
    const built = parts.map(seriesKey);
    const damaged = fc
      .tuple(built, fc.nat(), fc.nat({ max: 2 }), units)
      .map(([key, at, cut, put]) => key.slice(0, at % key.length) + put + key.slice((at % key.length) + cut))
      .filter((key) => key.isWellFormed());
    fc.assert(
      fc.property(
        fc.oneof(
          text(10).filter((key) => key !== ''),
          built,
          damaged,
        ),
        (key) => {
          const parsed = parseSeriesKey(key);
          const isText = parsed.name === key && Object.keys(parsed.labels).length === 0;
          expect(isText || seriesKey(parsed) === key).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test.each([
    'a{',
    'a{}',
    'a}',
    'a{b}',
    'a{b=}',
    'a{b="c"',
    'a{b="c"}}',
    'a{b="c"} ',
    'a{b="c",}',
    'a{,b="c"}',
    'a{b="c";d="e"}',
    'a{d="e",b="c"}',
    'a{b="1",b="2"}',
    'a{b="1",b="1"}',
    'a{b ="c"',
    'a{b="\\x"}',
    'a{b="\\"}',
    'a{b="\n"}',
    'a{="c"}',
    'a\\',
    'a\\x',
    '\\n',
    'a{b="c"}\n',
    '{',
    '\\',
  ])('is not %j, which is a name without labels', (key) => {
    expect(parseSeriesKey(key)).toEqual({ name: key, labels: {} });
  });

  test('may have a space, a quote or a prototype’s name in its labels', () => {
    expect(parseSeriesKey('a{b ="c"}')).toEqual({ name: 'a', labels: { 'b ': 'c' } });
    const { labels } = parseSeriesKey('a{__proto__="x",toString="y"}');
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });

  test('that is long and hostile is read in no time', () => {
    const begin = performance.now();
    for (const key of [
      '\\{'.repeat(512),
      `a{b="${'\\"'.repeat(508)}`,
      'a{'.repeat(512),
      `a{${'b="c",'.repeat(170)}`,
      `a{b="${'\\\\'.repeat(500)}"}`,
    ]) {
      for (let i = 0; i < 100; i++) parseSeriesKey(key);
    }
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test.each(['', '=', 'a"', 'a,', '{', '}', '\\', 'a\nb'])('has no label %j', (name) => {
    expect(() => seriesKey({ name: 'x', labels: { [name]: '1' } })).toThrow(invalidField('labels'));
  });

  test('is refused for parts of other types', () => {
    for (const bad of [undefined, null, 'x', 1]) expect(() => seriesKey(bad as never)).toThrow(invalidField('parts'));
    for (const name of [undefined, null, 1, {}]) expect(() => seriesKey({ name } as never)).toThrow(invalidField('name'));
    for (const labels of ['x', 1, ['a']]) expect(() => seriesKey({ name: 'x', labels } as never)).toThrow(invalidField('labels'));
    for (const value of [undefined, null, 1, {}])
      expect(() => seriesKey({ name: 'x', labels: { host: value } } as never)).toThrow(invalidField('labels.host'));
    for (const half of ['\ud83d', '\ude00', 'a\ud83db']) {
      expect(() => seriesKey({ name: half })).toThrow(invalidField('name'));
      expect(() => seriesKey({ name: 'x', labels: { a: half } })).toThrow(invalidField('name'));
    }
    expect(() => seriesKey({ name: '' })).toThrow(invalidField('name'));
    expect(() => seriesKey({ name: 'x'.repeat(1020), labels: { a: '' } })).toThrow(invalidField('name'));
  });
});

describe('a series key', () => {
  test('has 1 to 1,024 bytes of UTF-8', () => {
    for (const key of ['a', 'a'.repeat(1024), 'é'.repeat(512), '€'.repeat(341), '😀'.repeat(256)]) expect(checkKey(key)).toBe(key);
    for (const key of ['', 'a'.repeat(1025), `${'é'.repeat(512)}a`, '€'.repeat(342), `${'😀'.repeat(256)}a`]) {
      expect(() => checkKey(key)).toThrow(invalidField('series'));
    }
    expect(() => checkKey('abcd', 'key', 3)).toThrow(invalidField('key'));
    expect(checkKey('abc', 'key', 3)).toBe('abc');
  });

  test('has neither U+0000 nor half of a surrogate pair, and is a text', () => {
    for (const key of ['\0', 'a\0b', '\ud800', 'a\udc00', '\udc00\ud800', undefined, null, 1, {}, ['a']]) {
      expect(() => checkKey(key)).toThrow(invalidField('series'));
    }
    for (const key of ['\u0001', '\ufffe', '\uffff', '\u{10ffff}', '\ufeff', ' ', '/../']) expect(checkKey(key)).toBe(key);
  });

  test('is compared as its bytes are', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 6 });
    const near = fc.array(fc.constantFrom('a', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '😀'), {
      maxLength: 3,
    });
    const either = fc.oneof(
      anyText,
      near.map((units) => units.join('')),
    );
    fc.assert(
      fc.property(either, either, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 3000 },
    );
  });
});
