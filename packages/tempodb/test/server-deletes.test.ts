import { describe, expect, test } from 'vitest';
import { at, iso, search, startService } from './server-fixture.ts';

const point = [{ t: '2012-01-01T00:00:00Z', v: 1 }];
const day = { start: '2012-01-01', end: '2012-01-02' };

describe('series that are deleted', () => {
  test('lose their points, and come back under another id', async () => {
    const { ask, store } = await startService();
    await ask('POST', '/v1/series/', { key: 'k.x', tags: ['t'] });
    await ask('POST', '/v1/series/key/k.x/data/', point);
    const { json: before } = await ask('GET', '/v1/series/key/k.x/');
    const deleted = await ask('DELETE', `/v1/series/id/${before.id}/`);
    expect([deleted.status, deleted.text, deleted.headers.get('content-length')]).toEqual([200, '', '0']);
    for (const path of ['key/k.x', `id/${before.id}`]) {
      expect((await ask('GET', `/v1/series/${path}/`)).status).toBe(403);
      expect((await ask('DELETE', `/v1/series/${path}/`)).status).toBe(403);
    }
    expect((await ask('POST', '/v1/multi/', [{ id: before.id, v: 1 }])).json.multistatus[0].status).toBe('403');
    expect((await ask('POST', `/v1/series/id/${before.id}/data/`, point)).status).toBe(403);
    expect((await ask('POST', '/v1/series/key/k.x/data/', [])).status).toBe(200);
    const { json: after } = await ask('GET', '/v1/series/key/k.x/');
    expect(after).toMatchObject({ tags: ['k'], attributes: {} });
    expect(after.id).not.toBe(before.id);
    expect(await store.read({ series: 'k.x' }).toArray()).toEqual([]);
  });

  test('leave no record behind', async () => {
    const { ask, store } = await startService();
    await ask('POST', '/v1/multi/', [
      { key: 'a', v: 1 },
      { key: 'b', v: 1 },
    ]);
    await ask('DELETE', '/v1/series/key/a/');
    await ask('DELETE', '/v1/series/?allow_truncation=true');
    for (const collection of ['tempodb/series', 'tempodb/ids']) expect(await Array.fromAsync(store.records.list(collection))).toEqual([]);
  });

  test('are selected by a filter, or are all, but never by both or neither', async () => {
    const { ask } = await startService();
    const fill = () =>
      ask(
        'POST',
        '/v1/multi/',
        ['t.a', 't.b', 'u.c'].map((key) => ({ key, v: 1 })),
      );
    await fill();
    for (const query of [
      '',
      'allow_truncation=false',
      'allow_truncation=true&key=t.a',
      'key=&tag=',
      'allow_truncation=maybe',
      'allow_truncation=1',
    ])
      expect((await ask('DELETE', `/v1/series/?${query}`)).status, query).toBe(400);
    expect((await ask('DELETE', '/v1/series/?tag=t&allow_truncation=false')).json).toEqual({ deleted: 2 });
    expect((await ask('DELETE', '/v1/series/?tag=t')).json).toEqual({ deleted: 0 });
    await fill();
    expect((await ask('DELETE', '/v1/series/?allow_truncation=True')).json).toEqual({ deleted: 3 });
  });
});

describe('points that are deleted', () => {
  test('are those of the range, by whole milliseconds, or the one instant', async () => {
    const service = await startService();
    const start = Date.parse(at(0));
    const times = [0, 0.4, 1, 1.9, 2, 2.5, 3];
    const fill = () => service.store.write(times.map((ms) => ({ series: 'k', time: start + ms, value: ms })));
    const left = async () => (await service.store.read({ series: 'k' }).toArray()).map(({ time }) => Math.round((time - start) * 10) / 10);
    const remove = async (from: number, to: number) => {
      await fill();
      const query = search({ start: iso(start + from), end: iso(start + to), unknown: 'x' });
      const { status, text } = await service.ask('DELETE', `/v1/series/key/k/data/?${query}`);
      expect([status, text]).toEqual([200, '']);
      return left();
    };
    expect(await remove(1, 2)).toEqual([0, 0.4, 2, 2.5, 3]);
    expect(await remove(1, 1)).toEqual([0, 0.4, 2, 2.5, 3]);
    expect(await remove(0, 3)).toEqual([3]);
    expect(await remove(10, 10)).toEqual(times);
    expect((await service.ask('GET', '/v1/series/key/k/')).status).toBe(200);
    expect((await service.ask('DELETE', `/v1/series/key/none/data/?${search(day)}`)).status).toBe(403);
    for (const query of ['', 'start=2012-01-01', 'end=2012-01-01', 'start=x&end=2012-01-01', 'start=2012-01-02&end=2012-01-01'])
      expect((await service.ask('DELETE', `/v1/series/key/k/data/?${query}`)).status).toBe(400);
  });
});
