import type { Store } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { connect as connectToSqlite } from '@anyseries/sqlite';

/** What a program does with a store; the import specifier is all that tells one program from the other. */
export async function program(connect: () => Store): Promise<void> {
  await using store = connect();
  await store.write([{ series: 'room', time: 0, value: 21.5 }]);
  await store.transaction((transaction) => transaction.write([{ series: 'room', time: 1, value: 'text' }]));
}

export const programs = [program(connectToMemory), program(connectToSqlite)];

export function neitherHasWhatNoStoreHas(): void {
  // @ts-expect-error TS2339 there is no such operation
  connectToMemory().truncate();
  // @ts-expect-error TS2339 there is no such operation
  connectToSqlite().truncate();
}
