import type { Json, StoredRecord } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import type { World } from '../world.ts';

async function ids(world: World, collection: string, options?: { prefix?: string; after?: string; limit?: number }): Promise<string[]> {
  return (await Array.fromAsync(world.store.records.list(collection, options))).map(({ id }) => id);
}

const documents: readonly Json[] = [
  null,
  true,
  0,
  -1.5,
  1e300,
  '',
  'text with "quotes", \\ and 👍',
  [],
  {},
  [1, [2, [3]]],
  { a: { b: [null, { c: '\u2028' }] }, ключ: 1, '': 2 },
];

/** Records: small versioned documents. */
export const recordCases: readonly Case[] = [
  defineCase('records come back as JSON or as bytes, as they were put', ['store'], async (world) => {
    const { records } = world.store;
    for (const [i, value] of documents.entries()) {
      const version = await records.put('things', `id-${i}`, value);
      equal(await records.get('things', `id-${i}`), { id: `id-${i}`, value, version }, `record ${i}`);
    }
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await records.put('things', 'bytes', bytes);
    await records.put('things', 'no bytes', new Uint8Array());
    const read = await records.get<Uint8Array>('things', 'bytes');
    ok(read?.value instanceof Uint8Array, 'bytes come back as bytes');
    equal(Uint8Array.from(read.value), bytes, 'the bytes');
    equal((await records.get<Uint8Array>('things', 'no bytes'))?.value.length, 0, 'the length of no bytes');
  }),

  defineCase('what comes back does not change with what was put, and the other way round', ['store'], async (world) => {
    const { records } = world.store;
    const bytes = new Uint8Array([1, 2, 3]);
    const document = { list: [1] };
    await records.put('things', 'bytes', bytes);
    await records.put('things', 'document', document);
    bytes[0] = 99;
    document.list.push(2);
    equal(Uint8Array.from((await records.get<Uint8Array>('things', 'bytes'))!.value), new Uint8Array([1, 2, 3]), 'the bytes');
    const first = await records.get<{ list: number[] }>('things', 'document');
    equal(first?.value, { list: [1] }, 'the document');
    first!.value.list.push(3);
    equal((await records.get('things', 'document'))?.value, { list: [1] }, 'the document, read again');
  }),

  defineCase('a record that is not there is undefined, and deleting it answers false', ['store'], async (world) => {
    const { records } = world.store;
    equal(await records.get('things', 'missing'), undefined);
    equal(await records.delete('things', 'missing'), false);
    await records.put('things', 'here', 1);
    equal(await records.get('other things', 'here'), undefined, 'the same id in another collection');
    equal(await records.delete('things', 'here'), true);
    equal(await records.get('things', 'here'), undefined);
  }),

  defineCase('versions change with every put and are never given again, not even after a delete', ['store'], async (world) => {
    const { records } = world.store;
    const seen = new Set<number>();
    for (let i = 0; i < 10; i++) {
      seen.add(await records.put('things', 'a', i));
      if (i % 3 === 2) await records.delete('things', 'a');
    }
    equal(seen.size, 10, 'the number of different versions');
  }),

  defineCase('a put with ifVersion succeeds only on that version', ['store'], async (world) => {
    const { records } = world.store;
    const first = await records.put('things', 'a', 1, { ifVersion: null });
    await world.failure('conflict', () => records.put('things', 'a', 2, { ifVersion: null }));
    const second = await records.put('things', 'a', 3, { ifVersion: first });
    await world.failure('conflict', () => records.put('things', 'a', 4, { ifVersion: first }));
    equal(await records.get('things', 'a'), { id: 'a', value: 3, version: second });
    await world.failure('conflict', () => records.put('things', 'missing', 5, { ifVersion: second }));
    await world.failure('conflict', () => records.delete('things', 'a', { ifVersion: first }));
    equal(await records.delete('things', 'a', { ifVersion: second }), true);
    await records.put('things', 'a', 6, { ifVersion: null });
    await world.failure('conflict', () => records.put('things', 'a', 7, { ifVersion: second }));
  }),

  defineCase('of 20 puts at once that expect no record exactly one succeeds', ['store'], async (world) => {
    const puts = Array.from({ length: 20 }, (_, i) => world.store.records.put('things', 'a', i, { ifVersion: null }));
    const results = await Promise.allSettled(puts);
    equal(results.filter(({ status }) => status === 'fulfilled').length, 1, 'the number of puts that succeeded');
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    equal((await world.store.records.get('things', 'a'))?.value, winner, 'the value');
  }),

  defineCase('records are listed by id in code-point order', ['store'], async (world) => {
    const unsorted = ['b', 'a/2', 'a/10', 'a', 'A', 'é', '\uffff', '\u{10000}', '\u{1f44d}', 'a/', '%', '_'];
    for (const id of unsorted) await world.store.records.put('things', id, id);
    await world.store.records.put('others', 'x', 1);
    const sorted = ['%', 'A', '_', 'a', 'a/', 'a/10', 'a/2', 'b', 'é', '\uffff', '\u{10000}', '\u{1f44d}'];
    equal(await ids(world, 'things'), sorted);
    equal(await ids(world, 'things', { prefix: 'a/' }), ['a/', 'a/10', 'a/2'], "prefix 'a/'");
    equal(await ids(world, 'things', { prefix: '%' }), ['%'], "prefix '%'");
    equal(await ids(world, 'things', { prefix: '_' }), ['_'], "prefix '_'");
    equal(await ids(world, 'things', { prefix: '\uffff' }), ['\uffff'], 'prefix U+FFFF');
    equal(await ids(world, 'things', { prefix: 'a/', after: 'a/' }), ['a/10', 'a/2'], "prefix 'a/' after 'a/'");
    equal(await ids(world, 'things', { after: 'é' }), ['\uffff', '\u{10000}', '\u{1f44d}'], "after 'é'");
    equal(await ids(world, 'things', { limit: 3 }), ['%', 'A', '_'], 'limit 3');
    equal(await ids(world, 'things', { after: 'a', limit: 2 }), ['a/', 'a/10'], "after 'a', limit 2");
    equal(await ids(world, 'missing'), [], 'a collection without records');
  }),

  defineCase('more than 1,000 records are listed exactly', ['store'], async (world) => {
    const expected = Array.from({ length: 2500 }, (_, i) => String(i).padStart(6, '0'));
    await Promise.all(expected.map((id, i) => world.store.records.put('many', id, i)));
    const listed = await Array.fromAsync(world.store.records.list<number>('many'));
    equal(
      listed.map(({ id }) => id),
      expected,
      'the ids',
    );
    equal(
      listed.map(({ value }) => value),
      Array.from(expected.keys()),
      'the values',
    );
  }),

  defineCase('hostile ids and collections name records of their own', ['store'], async (world) => {
    const names = ['.', '..', 'a/../b', "'", '"', '%', '_', '\\', '\n', ' ', '__proto__', 'constructor', '👍', '\u{10ffff}'];
    for (const collection of names) for (const id of names) await world.store.records.put(collection, id, `${collection}|${id}`);
    for (const collection of names) {
      for (const id of names)
        equal((await world.store.records.get(collection, id))?.value, `${collection}|${id}`, JSON.stringify([collection, id]));
      equal((await ids(world, collection)).length, names.length, `the number of records in ${JSON.stringify(collection)}`);
    }
  }),

  defineCase('a record does not exist any more from its expiry on, by the clock', ['store'], async (world) => {
    const { records } = world.store;
    const now = world.clock.now();
    const version = await records.put('things', 'a', 1, { expiresAt: now + 1000 });
    await records.put('things', 'b', 2);
    equal(await records.get('things', 'a'), { id: 'a', value: 1, version, expiresAt: now + 1000 }, 'before its expiry');
    await world.clock.advance(999);
    equal(await ids(world, 'things'), ['a', 'b'], 'the list one millisecond before its expiry');
    await world.clock.advance(1);
    equal(await records.get('things', 'a'), undefined, 'at its expiry');
    equal(await ids(world, 'things'), ['b'], 'the list at its expiry');
    equal(await records.delete('things', 'a'), false, 'deleting it');
  }),

  defineCase('an expired record counts as none for ifVersion', ['store'], async (world) => {
    const { records } = world.store;
    const version = await records.put('things', 'a', 1, { expiresAt: world.clock.now() + 1000 });
    await world.failure('conflict', () => records.put('things', 'a', 2, { ifVersion: null }));
    await world.clock.advance(1000);
    await world.failure('conflict', () => records.put('things', 'a', 3, { ifVersion: version }));
    const anew = await records.put('things', 'a', 4, { ifVersion: null });
    ok(anew !== version, 'the new version is another one');
    equal((await records.get('things', 'a')) as StoredRecord, { id: 'a', value: 4, version: anew });
  }),

  defineCase('a put without an expiry takes the expiry away', ['store'], async (world) => {
    const { records } = world.store;
    await records.put('things', 'a', 1, { expiresAt: world.clock.now() + 1000 });
    await records.put('things', 'a', 2);
    await world.clock.advance(5000);
    equal((await records.get('things', 'a'))?.value, 2);
  }),

  defineCase('bad records are refused by name', ['store'], async (world) => {
    const { records } = world.store;
    const calls: readonly (readonly [string, () => unknown])[] = [
      ['collection', () => records.get('', 'a')],
      ['id', () => records.get('things', '')],
      ['id', () => records.put('things', 'a\0', 1)],
      ['id', () => records.put('things', 'a\ud800', 1)],
      ['value', () => records.put('things', 'a', Number.NaN)],
      ['value', () => records.put('things', 'a', undefined as unknown as Json)],
      ['value', () => records.put('things', 'a', { f: () => 1 } as unknown as Json)],
      ['value', () => records.put('things', 'a', { big: 5n } as unknown as Json)],
      ['ifVersion', () => records.put('things', 'a', 1, { ifVersion: 'x' as unknown as number })],
      ['expiresAt', () => records.put('things', 'a', 1, { expiresAt: Number.NaN })],
      ['limit', () => Array.fromAsync(records.list('things', { limit: -1 }))],
      ['prefix', () => Array.fromAsync(records.list('things', { prefix: 5 as unknown as string }))],
    ];
    for (const [names, call] of calls) {
      const error = await world.failure('invalid', call);
      ok(error.message.includes(names), `the message names ${names}: ${error.message}`);
    }
    equal(await ids(world, 'things'), [], 'nothing was put');
  }),

  defineCase('records outlive closing and opening again', ['store', 'reopen'], async (world) => {
    const version = await world.store.records.put('things', 'a', { kept: true }, { expiresAt: world.clock.now() + 1000 });
    const deleted = await world.store.records.put('things', 'b', 1);
    await world.store.records.delete('things', 'b');
    await world.provider.close();
    const again = world.use(await world.subject.reopen!(world.provider, world.options)) as unknown as World['store'];
    equal(await again.records.get('things', 'a'), { id: 'a', value: { kept: true }, version, expiresAt: world.clock.now() + 1000 });
    const anew = await again.records.put('things', 'b', 2);
    ok(anew !== deleted, 'a version is not given again after opening again');
  }),

  defineCase('calls on records after close() fail as closed', ['store'], async (world) => {
    const { store } = world;
    await store.close();
    await world.failure('closed', () => store.records.get('things', 'a'));
    await world.failure('closed', () => store.records.put('things', 'a', 1));
    await world.failure('closed', () => store.records.delete('things', 'a'));
    await world.failure('closed', () => Array.fromAsync(store.records.list('things')));
    await world.failure('closed', () => store.transaction(() => 1));
  }),
];
