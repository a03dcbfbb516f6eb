import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Clock, Gap, Point, Value } from '@anyseries/core';
import { connect, type SqliteSettings, type SqliteStore } from '@anyseries/sqlite';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryPath } from './temporary-folder.ts';

const run = promisify(execFile);
const once = { retry: { maxAttempts: 1 } } as const;

function open(settings: SqliteSettings = {}): SqliteStore {
  const store = connect({ path: temporaryPath(), ...settings });
  onTestFinished(() => store.close());
  return store;
}

function runProcess(name: string, ...args: string[]) {
  return run(process.execPath, ['--conditions=anyseries-source', fileURLToPath(new URL(name, import.meta.url)), ...args]);
}

function query(path: string, sql: string): unknown[] {
  const database = new DatabaseSync(path);
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

describe('values', () => {
  const values: readonly Value[] = [
    ...[0, -0, 1, -1, 1.5, 2 ** 53, -(2 ** 53), 2 ** 63, 1e308, -Number.MAX_VALUE, 5e-324, 1e15, 123456789012345680000],
    ...[2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n) + 1n],
    ...['', ' ', '12', '1e5', 'true', 'é😀\u{10ffff}', '\ufeffx', '\0', 'a\0b', '\u0001', '\u0002'],
    ...[true, false],
  ];

  test('every value comes back as it was written, after closing as well', async () => {
    const path = temporaryPath();
    const points = values.map((value, i) => ({ series: 'v', time: i, value }));
    const writer = connect({ path });
    await writer.write(points);
    const [before] = [await writer.read({ series: 'v' }).toArray(), await writer.close()];
    const reader = open({ path });
    for (const read of [before, await reader.read({ series: 'v' }).toArray()]) {
      expect(read.map(({ value }, i) => Object.is(value, values[i]))).toEqual(values.map(() => true));
    }
  });

  test('increments of values of any size are exact', async () => {
    const store = open();
    await store.write([{ series: 'n', time: 0, value: 2 ** 53 }]);
    await store.increment([{ series: 'n', time: 0, value: 1 }]);
    expect(await store.latest('n')).toEqual({ series: 'n', time: 0, value: 2n ** 53n + 1n });
    await store.increment([{ series: 'n', time: 0, value: -1 }]);
    expect((await store.latest('n'))?.value).toBe(2 ** 53);
  });

  test('times keep their microseconds, over the whole range of times', async () => {
    const store = open();
    const times = [-8.64e15, -1.5, -0.001, 0, 0.001, 1763719200000.123, 8.64e15];
    await store.write(times.map((time) => ({ series: 't', time, value: 1 })));
    expect([...(await store.read({ series: 't' }).columns()).times]).toEqual(times);
  });
});

describe('settings', () => {
  test.each([
    [{ synchronous: 'sometimes' }, 'synchronous'],
    [{ busyTimeoutMs: -1 }, 'busyTimeoutMs'],
    [{ busyTimeoutMs: 1.5 }, 'busyTimeoutMs'],
    [{ path: '' }, 'path'],
    [{ path: 5 }, 'path'],
    [{ clock: {} }, 'clock'],
    [{ file: 'x.db' }, 'file'],
    ['postgres://localhost/x', 'settings'],
    ['sqlite:', 'settings'],
    [null, 'settings'],
  ])('%j is refused by the name of %s', (settings, name) => {
    expect(() => connect(settings as SqliteSettings)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(`${name}:`) }),
    );
  });

  test('the variable is read at the first request', async () => {
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.stubEnv('ANYSERIES_SQLITE_URL', 'nowhere');
    const store = connect();
    onTestFinished(() => store.close());
    await expect(store.check()).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('ANYSERIES_SQLITE_URL') });
    const path = temporaryPath();
    vi.stubEnv('ANYSERIES_SQLITE_URL', `sqlite:${path}`);
    await store.check();
    expect(existsSync(path)).toBe(true);
  });

  test('no file is made before the first request', async () => {
    const path = temporaryPath();
    const store = connect(`sqlite:${path}`);
    expect(existsSync(path)).toBe(false);
    await store.close();
    expect(existsSync(path)).toBe(false);
  });

  test('a store in memory has no file', async () => {
    const store = connect('sqlite::memory:');
    await store.write([{ series: 'a', time: 1, value: 1 }]);
    const copy = temporaryPath();
    await store.backup(copy);
    await store.close();
    expect((await open({ path: copy }).latest('a'))?.value).toBe(1);
  });

  test.each(['full', 'normal', 'off'] as const)('synchronous %s works', async (synchronous) => {
    const store = open({ synchronous });
    await store.write([{ series: 'a', time: 1, value: 1 }]);
    expect((await store.latest('a'))?.value).toBe(1);
  });
});

describe('the file', () => {
  test('is ours by application_id, in WAL, and has its schema version', async () => {
    const path = temporaryPath();
    const store = connect({ path });
    await store.check();
    await store.close();
    expect(query(path, 'PRAGMA application_id')).toEqual([{ application_id: 0x616e7973 }]);
    expect(query(path, 'PRAGMA user_version')).toEqual([{ user_version: 1 }]);
    expect(query(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });

  test('an empty file is taken', async () => {
    const path = temporaryPath();
    writeFileSync(path, '');
    await open({ path }).write([{ series: 'a', time: 1, value: 1 }]);
  });

  test.each([
    ['of another application', 'CREATE TABLE theirs (x)', 'invalid'],
    ['marked by another application', 'PRAGMA application_id = 5', 'invalid'],
    ['of a newer version', `PRAGMA application_id = ${0x616e7973}; PRAGMA user_version = 99`, 'spec-version'],
  ])('one %s is refused by its path and left as it is', async (_, sql, code) => {
    const path = temporaryPath();
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const before = readFileSync(path);
    await expect(open({ path }).check()).rejects.toMatchObject({ code, retryable: false, message: expect.stringContaining(path) });
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path))).toEqual(['data.db']);
  });

  test('one that is no database is refused and left as it is', async () => {
    const path = temporaryPath();
    const text = 'a letter to my mother\n'.repeat(1000);
    writeFileSync(path, text);
    await expect(open({ path }).check()).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(path) });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('in a folder that does not exist is refused', async () => {
    const path = join(temporaryPath(), 'nowhere', 'x.db');
    await expect(open({ path }).check()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('folder') });
  });

  test('many connections that make it at the same time agree', async () => {
    const path = temporaryPath();
    const stores = Array.from({ length: 4 }, () => open({ path }));
    await Promise.all(stores.map((store, time) => store.write([{ series: 'a', time, value: time }])));
    expect(await stores[0]!.read({ series: 'a' }).toArray()).toHaveLength(4);
  });

  test('is all that is left after closing', async () => {
    const path = temporaryPath();
    const store = connect({ path });
    await store.write([{ series: 'a', time: 1, value: 1 }]);
    expect(readdirSync(dirname(path))).toContain('data.db-wal');
    await store.close();
    expect(readdirSync(dirname(path))).toEqual(['data.db']);
    await expect(store.check()).rejects.toMatchObject({ code: 'closed' });
  });

  test('does not keep a process alive that has nothing to wait for', async () => {
    const { stdout } = await runProcess('./idle-process.ts', temporaryPath());
    expect(stdout).toBe('done');
  });
});

describe('other connections', () => {
  test('one that writes for too long makes a write fail as locked, and reads go on', async () => {
    const path = temporaryPath();
    const store = open({ path, busyTimeoutMs: 20, ...once });
    await store.write([{ series: 'a', time: 1, value: 1 }]);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.write([{ series: 'a', time: 2, value: 2 }])).rejects.toMatchObject({
      code: 'locked',
      outcome: { stored: 0, unknown: [] },
    });
    expect((await store.latest('a'))?.value).toBe(1);
    other.exec('COMMIT');
    other.close();
    expect(await store.write([{ series: 'a', time: 2, value: 2 }])).toMatchObject({ stored: 1 });
  });

  test('increments of several processes at once are all counted', async () => {
    const path = temporaryPath();
    const store = open({ path });
    await store.check();
    const others = Promise.all([
      runProcess('./incrementing-process.ts', path, '200'),
      runProcess('./incrementing-process.ts', path, '200'),
    ]);
    await Promise.all(Array.from({ length: 200 }, () => store.increment([{ series: 'shared', time: 0, value: 1 }])));
    await others;
    expect((await store.latest('shared'))?.value).toBe(600);
  });

  test('a series that another connection deleted and made again is found again', async () => {
    const path = temporaryPath();
    const [store, other] = [open({ path }), open({ path })];
    await store.write([{ series: 'a', time: 1, value: 1 }]);
    await other.delete({ series: 'a' });
    await other.write([{ series: 'a', time: 2, value: 2 }]);
    expect(await store.read({ series: 'a' }).toArray()).toEqual([{ series: 'a', time: 2, value: 2 }]);
    await other.delete({ series: 'a' });
    await store.write([{ series: 'a', time: 3, value: 3 }]);
    expect(await other.read({ series: 'a' }).toArray()).toEqual([{ series: 'a', time: 3, value: 3 }]);
    expect(await store.series().toArray()).toHaveLength(1);
  });

  test('what they commit is told to subscriptions as a gap, before what is stored after it', async () => {
    const path = temporaryPath();
    const [store, other] = [open({ path }), open({ path })];
    await store.write([{ series: 'a', time: 1, value: 1 }]);
    const subscription = store.subscribe();
    const items = subscription[Symbol.asyncIterator]();
    await store.check();
    const from = Date.now();
    await other.write([{ series: 'a', time: 2, value: 2 }]);
    await store.write([{ series: 'a', time: 3, value: 3 }]);
    const [gap, point] = [(await items.next()).value as Gap, (await items.next()).value as Point];
    expect(gap.gap.from).toBeLessThanOrEqual(from);
    expect(gap.gap.to).toBeGreaterThanOrEqual(from);
    expect(point).toEqual({ series: 'a', time: 3, value: 3 });
    // and without a call of ours, by looking now and then
    await other.write([{ series: 'a', time: 4, value: 4 }]);
    expect((await items.next()).value).toMatchObject({ gap: {} });
    await subscription.close();
  });
});

describe('commits', () => {
  test('that travel together succeed and fail each for itself', async () => {
    const store = open();
    await store.write([{ series: 'text', time: 0, value: 'no number' }]);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        store
          .transaction(({ write, increment, records }) => {
            write([{ series: `new-${i}`, time: i, value: i }]);
            records.put('done', String(i), i);
            increment([{ series: i % 10 === 7 ? 'text' : 'sum', time: 0, value: 1 }]);
          })
          .then(
            () => true,
            (error: { code: string }) => error.code,
          ),
      ),
    );
    expect(results).toEqual(results.map((_, i) => (i % 10 === 7 ? 'conflict' : true)));
    expect((await store.latest('sum'))?.value).toBe(180);
    const keys = (await store.series().toArray()).map(({ key }) => key).filter((key) => key.startsWith('new-'));
    const ids = (await Array.fromAsync(store.records.list('done'))).map(({ id }) => `new-${id}`);
    expect(keys).toHaveLength(180);
    expect(new Set(ids)).toEqual(new Set(keys));
    // a series whose making was undone can be made
    await store.write([{ series: 'new-7', time: 1, value: 1 }]);
    expect(await store.read({ series: 'new-7' }).toArray()).toHaveLength(1);
  });

  test('of one group are published in their order, with the sums of increments, and those that failed are not', async () => {
    const store = open();
    await store.write([{ series: 'text', time: 0, value: 'x' }]);
    const subscription = store.subscribe({ keys: ['n', 'text'] });
    await store.check();
    await Promise.all([
      store.write([
        { series: 'n', time: 0, value: 1 },
        { series: 'other', time: 0, value: 1 },
      ]),
      store.increment([{ series: 'n', time: 0, value: 2 }]),
      store
        .transaction(({ write, increment }) => {
          write([{ series: 'n', time: 0, value: 99 }]);
          increment([{ series: 'text', time: 0, value: 1 }]);
        })
        .catch(() => {}),
      store.increment([{ series: 'n', time: 0, value: 2n ** 60n + 1n }]),
    ]);
    const seen: unknown[] = [];
    for await (const item of subscription) {
      seen.push((item as Point).value);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([1, 3, 2n ** 60n + 4n]);
  });

  test('that are rolled back do not leave their metadata in the eyes of subscriptions', async () => {
    const store = open();
    await store.write([{ series: 'text', time: 0, value: 'x' }]);
    const subscription = store.subscribe({ tags: ['wanted'] });
    await store.check();
    await store
      .transaction(({ putSeries, increment, write }) => {
        putSeries({ key: 'a', tags: ['wanted'] });
        write([{ series: 'a', time: 1, value: 1 }]);
        increment([{ series: 'text', time: 0, value: 1 }]);
      })
      .catch(() => {});
    await store.write([{ series: 'a', time: 2, value: 2 }]);
    await store.putSeries({ key: 'a', tags: ['wanted'] });
    await store.write([{ series: 'a', time: 3, value: 3 }]);
    expect((await subscription[Symbol.asyncIterator]().next()).value).toEqual({ series: 'a', time: 3, value: 3 });
    await subscription.close();
  });

  test('keep the last of several values of one series and time in a batch', async () => {
    const store = open();
    const points = Array.from({ length: 1000 }, (_, i) => ({ series: `s${i % 7}`, time: i % 3, value: i }));
    await store.write(points);
    const expected = new Map(points.map(({ series, time, value }) => [`${series}@${time}`, value]));
    const read = await store.read({ series: {} }).toArray();
    expect(new Map(read.map(({ series, time, value }) => [`${series}@${time}`, value]))).toEqual(expected);
  });
});

describe('reads', () => {
  async function fill(store: SqliteStore, keys: readonly string[], count: number): Promise<void> {
    for (const series of keys) await store.write(Array.from({ length: count }, (_, time) => ({ series, time, value: time % 100 })));
  }

  test.each([0, 1, 1999, 2000, 2001, 11_999, 12_000, 12_001, 25_000])('pages fit together with a limit of %i, both ways', async (limit) => {
    const store = open();
    await fill(store, ['a', 'b'], 13_000);
    for (const order of ['ascending', 'descending'] as const) {
      const times = Array.from({ length: 12_990 }, (_, i) => (order === 'ascending' ? i + 5 : 12_994 - i)).slice(0, limit);
      const pages = await Array.fromAsync(store.read({ series: ['a', 'b', 'nothing'], start: 5, end: 12_995, order, limit }).pages());
      expect(pages.every(({ length }) => length > 0)).toBe(true);
      expect(pages.flatMap((page) => Array.from(page.series, (place) => page.refs[place]!.key))).toEqual([
        ...times.map(() => 'a'),
        ...times.map(() => 'b'),
      ]);
      expect(pages.flatMap((page) => [...page.times])).toEqual([...times, ...times]);
    }
  });

  test('rollups of more buckets than a page holds fit together', async () => {
    const store = open();
    await fill(store, ['a', 'b'], 30_000);
    const query = { series: ['a', 'b'], rollup: { every: 2, fn: 'count' } } as const;
    const starts = Array.from({ length: 15_000 }, (_, i) => 2 * i);
    const { times } = await store.read(query).columns();
    expect([...times]).toEqual([...starts, ...starts]);
    const latest = await store.read({ ...query, order: 'descending', limit: 11_000 }).columns();
    const back = starts.toReversed().slice(0, 11_000);
    expect([...latest.times]).toEqual([...back, ...back]);
  });

  test('see writes between their pages, and end when they are left', async () => {
    const store = open();
    await fill(store, ['a'], 50_000);
    let pages = 0;
    for await (const page of store.read({ series: 'a' }).pages()) {
      await store.write([{ series: 'a', time: page.times.at(-1)! + 0.5, value: 1 }]);
      if (++pages === 3) break;
    }
    const controller = new AbortController();
    const aborted = Array.fromAsync(store.read({ series: 'a', signal: controller.signal }).pages(), () => controller.abort());
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    expect(await store.read({ series: 'a' }).toArray()).toHaveLength(50_003);
  });

  test('of many series find those with points', async () => {
    const store = open();
    await store.write(Array.from({ length: 500 }, (_, i) => ({ series: `s${i * 10}`, time: i, value: i })));
    const keys = Array.from({ length: 5000 }, (_, i) => `s${i}`);
    expect(await store.latest(keys)).toHaveLength(500);
    expect(await store.read({ series: keys }).toArray()).toHaveLength(500);
  });

  test('of series by their properties give the same, however many have them', async () => {
    const store = open();
    const keys = Array.from({ length: 10_500 }, (_, i) => `cpu{core="${i % 3}",host="h${i}"}`);
    await Promise.all(
      keys.map((key, i) => store.putSeries({ key, tags: i % 100 === 0 ? ['rare'] : [], attributes: { all: 'x', half: String(i % 2) } })),
    );
    const count = async (filter: Parameters<SqliteStore['series']>[0]) => (await store.series(filter).toArray()).length;
    expect(await count({})).toBe(10_500);
    expect(await count({ name: 'cpu' })).toBe(10_500);
    expect(await count({ attributes: { all: 'x' }, labels: { core: '0' } })).toBe(3500);
    expect(await count({ tags: ['rare'], labels: { core: '0' } })).toBe(35);
    expect(await count({ attributes: { half: '1' }, tags: ['rare'] })).toBe(0);
    expect(await count({ keys: [...keys.slice(0, 2500), 'none'], attributes: { half: '1' } })).toBe(1250);
    const listed = (await store.series({ name: 'cpu' }).toArray()).map(({ key }) => key);
    expect(listed).toEqual(keys.toSorted());
    await store.putSeries({ key: keys[0]! });
    expect(await count({ tags: ['rare'] })).toBe(104);
    await store.delete({ series: keys[300]! });
    expect(await count({ tags: ['rare'], labels: { core: '0' } })).toBe(33);
  });
});

test('records that have expired are removed from the file by later commits', async () => {
  const path = temporaryPath();
  let now = 1000;
  const clock: Clock = { now: () => now, setTimer: () => () => {} };
  const store = open({ path, clock });
  const first = await store.records.put('sessions', 'a', { user: 1 }, { expiresAt: 2000 });
  now = 2000;
  expect(await store.records.get('sessions', 'a')).toBeUndefined();
  expect(await store.records.delete('sessions', 'a')).toBe(false);
  await store.records.put('sessions', 'b', 1, { expiresAt: 3000 });
  now = 100_000;
  const next = await store.records.put('sessions', 'b', 1, { ifVersion: null });
  expect(next).toBeGreaterThan(first);
  await store.records.put('other', 'x', new Uint8Array([1, 2, 3]).subarray(1), {});
  expect((await store.records.get('other', 'x'))?.value).toEqual(new Uint8Array([2, 3]));
  expect(query(path, 'SELECT collection, id FROM record ORDER BY id')).toEqual([
    { collection: 'sessions', id: 'b' },
    { collection: 'other', id: 'x' },
  ]);
});

describe('a backup', () => {
  test('is of one moment, made while writes go on', async () => {
    const store = open();
    const copy = temporaryPath('copy.db');
    await store.write(Array.from({ length: 200_000 }, (_, time) => ({ series: 'bulk', time, value: time })));
    let isDone = false;
    const writing = (async () => {
      for (let i = 1; !isDone; i++) {
        await store.transaction(({ write, records }) => {
          records.put('counts', 'n', i);
          write([{ series: 'n', time: i, value: i }]);
        });
      }
    })();
    await store.backup(copy);
    isDone = true;
    await writing;
    expect(query(copy, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const copied = open({ path: copy });
    const count = (await copied.records.get<number>('counts', 'n'))?.value ?? 0;
    expect((await copied.latest('n'))?.value ?? 0).toBe(count);
    expect((await copied.read({ series: 'bulk' }).columns()).times).toHaveLength(200_000);
  });

  test('never overwrites a file', async () => {
    const store = open();
    const copy = temporaryPath('copy.db');
    writeFileSync(copy, 'precious');
    await expect(store.backup(copy)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(copy) });
    expect(readFileSync(copy, 'utf8')).toBe('precious');
    await expect(store.backup(join(copy, 'x'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
