import type { Store } from '@anyseries/core';
import type { Change } from './directory.ts';

/**
 * Rows that say that there is no value. Stores have no such points, so their times are kept in records beside them. Where there is a point at such a
 * time, it was written later and counts.
 */

const collection = 'timetric/nulls';

/** Times of so many milliseconds share a record. */
const bucketMs = 4_096_000;
/** Makes the numbers of buckets positive, so that they are ordered as texts. */
const offset = 4e9;

/** The times of all rows without a value, ascending. */
export async function readNulls(store: Store, id: string): Promise<number[]> {
  const times: number[] = [];
  for await (const { value } of store.records.list<number[]>(collection, { prefix: `${id}/` })) times.push(...value);
  return times;
}

/** Puts rows without a value; points at these times go. */
export async function addNulls({ transaction, key, id, note }: Change, times: Iterable<number>): Promise<void> {
  for (const [bucket, added] of Map.groupBy(times, (time) => Math.floor(time / bucketMs))) {
    const record = recordId(id, bucket);
    const present = (await transaction.records.get<number[]>(collection, record))?.value ?? [];
    transaction.records.put(
      collection,
      record,
      [...new Set([...present, ...added])].sort((a, b) => a - b),
    );
    for (const time of added) transaction.delete({ series: key, start: time, end: time });
    note({ hasNulls: true });
  }
}

/** Forgets all of them. */
export async function clearNulls({ transaction, store, id, state }: Change): Promise<void> {
  if (!state.hasNulls) return;
  for await (const record of store.records.list(collection, { prefix: `${id}/` })) transaction.records.delete(collection, record.id);
}

function recordId(id: string, bucket: number): string {
  return `${id}/${String(bucket + offset).padStart(10, '0')}`;
}
