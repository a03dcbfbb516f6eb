import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startService } from './server-fixture.ts';

describe('a filter', () => {
  interface Listed {
    readonly id: string;
    readonly key: string;
    readonly tags: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
  }

  test('selects what the rules say, in the order of the keys', async () => {
    const { ask } = await startService();
    const letters = ['a', 'b', 'c'];
    for (let i = 0; i < 24; i++) {
      const tags = letters.filter((_, bit) => (i >> bit) % 2 === 1);
      const attributes = { x: letters[i % 3]!, ...(i % 2 === 0 ? { y: 'a' } : {}) };
      await ask('POST', '/v1/series/', { key: `${[...'é￿𐀀ab'][i % 5]}${i}`, tags, attributes });
    }
    const all: Listed[] = (await ask('GET', '/v1/series/')).json;
    const byBytes = [...all].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    expect(all.map(({ key }) => key)).toEqual(byBytes.map(({ key }) => key));

    const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
    const attribute = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom(...letters));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { maxLength: 5 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { maxLength: 5 }),
        some(letters),
        fc.array(attribute, { maxLength: 2 }),
        async (idPlaces, keyPlaces, tags, attributes) => {
          const ids = idPlaces.map((place) => all[place]?.id ?? 'f'.repeat(32));
          const keys = keyPlaces.map((place) => all[place]?.key ?? 'missing');
          const parameters = new URLSearchParams([
            ...ids.map((id) => ['id', id]),
            ...keys.map((key) => ['key', key]),
            ...tags.map((tag) => ['tag', tag]),
            ...attributes.map(([name, value]) => [`attr[${name}]`, value]),
          ]);
          const expected = all.filter(
            (series) =>
              (ids.length + keys.length === 0 || ids.includes(series.id) || keys.includes(series.key)) &&
              tags.every((tag) => series.tags.includes(tag)) &&
              attributes.every(([name, value]) => series.attributes[name] === value),
          );
          expect((await ask('GET', `/v1/series/?${parameters}`)).json).toEqual(expected);
        },
      ),
    );
  });

  test('takes brackets escaped or bare, plus signs as spaces, and values without meaning as nothing', async () => {
    const { ask } = await startService();
    await ask('POST', '/v1/series/', { key: 'k l', attributes: { 'a b': 'c d', n: 'é' }, tags: ['t u'] });
    for (const query of [
      'attr[a b]=c+d',
      'attr[a+b]=c%20d',
      'attr%5Ba%20b%5D=c%20d',
      'tag=t+u&key=&id=',
      'key=k+l',
      'attr%5Bn%5D=%C3%A9',
      'unknown=1&&=&x',
      'attr[n]=é',
      '',
    ])
      expect((await ask('GET', `/v1/series/?${query}`)).json, query).toHaveLength(1);
    for (const query of [
      'attr[n]=%FF',
      'key=%00',
      'tag=%00',
      'attr[%00]=x',
      `key=${'k'.repeat(2000)}`,
      'id=x',
      'attr[n]=é&attr[n]=f',
      'attr[__proto__]=x',
    ])
      expect((await ask('GET', `/v1/series/?${query}`)).json, query).toEqual([]);
  });
});
