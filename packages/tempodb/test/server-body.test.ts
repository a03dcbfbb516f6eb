import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, startService } from './server-fixture.ts';

describe('a body', () => {
  const path = '/v1/series/key/k/data/';
  const point = `{"t":"${at(0)}","v":1}`;

  test('may have commas before closing brackets, a byte order mark, any type and any charset that it names', async () => {
    const { ask } = await startService();
    const bodies: readonly (readonly [string | Uint8Array, string?])[] = [
      [`[${point},]`],
      [`[{"t":"${at(0)}","v":1,},\n\t ]`],
      [`[${point} , ]`],
      [`\ufeff[${point}]`],
      [`[${point}]`, 'text/plain; charset=UTF-8'],
      [`[${point}]`, 'application/x-www-form-urlencoded'],
      [Buffer.from(`[${point}]`, 'utf16le'), 'application/json; charset="utf-16le"'],
      [`[${point}]`, 'application/json; charset=no-such-charset'],
    ];
    for (const [body, type] of bodies)
      expect((await ask('POST', path, body, type === undefined ? {} : { 'content-type': type })).status, String(body)).toBe(200);
  });

  test('keeps what is inside of texts as it is', async () => {
    const { ask } = await startService();
    for (const key of ['a,]', '",}', '\\",]', ',\n]']) {
      const body = `{"key":${JSON.stringify(key)},"tags":[${JSON.stringify(key)},],}`;
      expect((await ask('POST', '/v1/series/', body)).json).toMatchObject({ key, tags: [key] });
    }
  });

  test('in Latin-1 is read as such where its type says so', async () => {
    const { ask } = await startService();
    const body = Buffer.from('{"key":"Füllstand"}', 'latin1');
    expect((await ask('POST', '/v1/series/', body, { 'content-type': 'text/plain; charset=ISO-8859-1' })).json.key).toBe('Füllstand');
    expect((await ask('POST', '/v1/series/', body)).status).toBe(400);
  });

  test('that is no JSON is refused before the series is looked for', async () => {
    const { ask } = await startService();
    for (const body of ['', ' ', '{', `[${point}`, '[1,,]', "[{'v':1}]", '[NaN]', '[01]', '[1]]', '\u0000', '"a,]', '['.repeat(100_000)]) {
      const answer = await ask('POST', path, body);
      expect([answer.status, answer.type], body.slice(0, 20)).toEqual([400, 'text/plain']);
      expect((await ask('POST', `/v1/series/id/${'f'.repeat(32)}/data/`, body)).status).toBe(400);
      expect((await ask('POST', '/v1/multi/', body)).status).toBe(400);
      expect((await ask('POST', '/v1/data/', body)).status).toBe(400);
    }
  });

  test('of commas and quotes by the megabyte is refused in no time', async () => {
    const { ask } = await startService();
    for (const body of [
      '"'.repeat(1e6),
      '\\"'.repeat(1e6),
      ','.repeat(1e6),
      `[${', '.repeat(1e6)}`,
      `[${',\n'.repeat(1e6)}]`,
      '[],'.repeat(1e6),
    ]) {
      const begun = performance.now();
      expect((await ask('POST', path, body)).status).toBe(400);
      expect(performance.now() - begun).toBeLessThan(2000);
    }
  });

  test('with a comma anywhere before a bracket is what it is without', async () => {
    const { ask } = await startService({ settings: { metadataFromKeys: false } });
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.string(), fc.constantFrom(',]', '"', '\\'), tie('list'), tie('map')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    }));
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(json.value, fc.constantFrom('', ' ', '\n\t'), async (extra, space) => {
        const commas = (value: unknown): string => {
          if (Array.isArray(value)) return `[${value.map((each) => `${commas(each)}${space},${space}`).join('')}]`;
          if (typeof value !== 'object' || value === null) return JSON.stringify(value);
          return `{${Object.entries(value)
            .map(([name, each]) => `${JSON.stringify(name)}:${commas(each)},${space}`)
            .join('')}}`;
        };
        const key = `${serial++},]`;
        const { status, json: answer } = await ask('POST', '/v1/series/', commas({ extra, key, tags: ['t'] }));
        expect([status, answer?.key, answer?.tags]).toEqual([200, key, ['t']]);
      }),
    );
  });
});
