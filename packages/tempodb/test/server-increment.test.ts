import { describe, expect, test } from 'vitest';
import { at, type Service, startService, textsOf, ways } from './server-fixture.ts';

describe.each(Object.entries(ways))('an increment %s', (_, way) => {
  const increment = (service: Service, points: readonly object[]) => {
    const [path, body] = way('increment', points);
    return service.ask('POST', path, body);
  };

  test('adds whole numbers, cut toward zero on both sides, and all of a request', async () => {
    const service = await startService();
    expect(
      (
        await increment(
          service,
          [12.94, -3.7, 5, 0.99].map((v) => ({ t: at(0), v })),
        )
      ).status,
    ).toBe(200);
    expect(await textsOf(service, 'k')).toEqual([[at(0), '14']]);
    await service.ask('POST', '/v1/series/key/k/data/', [{ t: at(0), v: -7.9 }]);
    await increment(service, [{ t: at(0), v: 1.5 }]);
    expect(await textsOf(service, 'k')).toEqual([[at(0), '-6']]);
    await increment(service, [{ t: at(5), v: -0.5 }]);
    expect(await textsOf(service, 'k')).toContainEqual([at(5), '0']);
  });

  test('is exact to 64 bits and refused beyond, as over what is no number', async () => {
    const service = await startService();
    const [path, body] = way('increment', [{ t: at(0), v: 'V' }]);
    const add = (amount: string) => service.ask('POST', path, JSON.stringify(body).replace('"V"', amount));
    expect((await add('9223372036854775806')).status).toBe(200);
    expect((await add('1')).status).toBe(200);
    expect(await textsOf(service, 'k')).toEqual([[at(0), '9223372036854775807']]);
    for (const amount of ['1', '1e300', '9223372036854775807']) expect([422, 207]).toContain((await add(amount)).status);
    expect(await textsOf(service, 'k')).toEqual([[at(0), '9223372036854775807']]);
    for (const value of ['text', true]) {
      await service.store.write([{ series: 'k', time: Date.parse(at(0)), value }]);
      expect([422, 207]).toContain((await add('1')).status);
    }
  });
});

describe('an increment that cannot be added', () => {
  test('leaves the others of a multi request added, and none of those of one series', async () => {
    const service = await startService();
    await service.store.write([{ series: 'k', time: Date.parse(at(1)), value: 'text' }]);
    const points = [0, 1, 2, 1].map((second) => ({ t: at(second), v: 5 }));
    expect((await service.ask('POST', '/v1/series/key/k/increment/', points)).status).toBe(422);
    expect(await textsOf(service, 'k')).toEqual([]);
    const elements = [{ key: 'new.x', t: at(0), v: 1 }, ...points.map((point) => ({ key: 'k', ...point })), { v: 1 }];
    const answer = await service.ask('POST', '/v1/multi/increment/', elements);
    expect(answer.status).toBe(207);
    expect(answer.json.multistatus.map(({ status }: { status: string }) => status)).toEqual(['200', '200', '422', '200', '422', '422']);
    expect(await textsOf(service, 'k')).toEqual([
      [at(0), '5'],
      [at(2), '5'],
    ]);
  });

  test('makes no series of its own', async () => {
    const service = await startService();
    await service.ask('POST', '/v1/multi/increment/', [{ key: 'k', v: 1e300 }]);
    expect(await service.store.series().toArray()).toEqual([]);
  });
});
