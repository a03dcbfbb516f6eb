import type { DatabaseSync } from 'node:sqlite';
import { AnySeriesError } from '@anyseries/core';
import { compareCodePoints } from '@anyseries/core/provider';
import type { WirePut, WireRecord } from './protocol.ts';

/** Versioned documents. A record that has expired at `now` does not exist. */
export interface RecordTable {
  get(collection: string, id: string, now: number): WireRecord | undefined;
  list(collection: string, prefix: string, after: string, limit: number, now: number): readonly WireRecord[];
  /** Answers the new version. @throws AnySeriesError `conflict` */
  put(record: WirePut, now: number): number;
  /** Answers whether there was one. @throws AnySeriesError `conflict` */
  delete(collection: string, id: string, ifVersion: number | undefined, now: number): boolean;
  /** @throws AnySeriesError `conflict` */
  expect(collection: string, id: string, version: number | null, now: number): void;
  /** Removes some of those that have expired. Only within a transaction. */
  purge(now: number): void;
}

interface RecordRow {
  readonly id: string;
  readonly value: string | Uint8Array;
  readonly version: number;
  readonly expires: number | null;
}

const purgedAtOnce = 1000;

export function createRecordTable(database: DatabaseSync): RecordTable {
  const alive = '(expires IS NULL OR expires > ?)';
  const select = database.prepare(`SELECT id, value, version, expires FROM record WHERE collection = ? AND id = ? AND ${alive}`);
  const selectVersion = database.prepare(`SELECT version FROM record WHERE collection = ? AND id = ? AND ${alive}`);
  const listing = (bound: string) =>
    database.prepare(`SELECT id, value, version, expires FROM record WHERE collection = ? AND ${bound} AND ${alive} ORDER BY id LIMIT ?`);
  const selectFrom = listing('id >= ?');
  const selectAfter = listing('id > ?');
  const put = database.prepare('INSERT OR REPLACE INTO record (collection, id, value, expires) VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM record WHERE collection = ? AND id = ?');
  const purge = database.prepare(
    `DELETE FROM record WHERE version IN (SELECT version FROM record WHERE expires <= ? LIMIT ${purgedAtOnce})`,
  );

  function versionOf(collection: string, id: string, now: number): number | null {
    const row = selectVersion.get(collection, id, now) as { version: number } | undefined;
    return row?.version ?? null;
  }

  function expect(collection: string, id: string, version: number | null, now: number): void {
    const present = versionOf(collection, id, now);
    if (present === version) return;
    const [there, wanted] = [present, version].map((one) => (one === null ? 'no record' : `version ${one}`));
    throw new AnySeriesError('conflict', `a record of ${collection}: there is ${there}, expected was ${wanted}`, { provider: 'sqlite' });
  }

  return {
    get(collection, id, now) {
      const row = select.get(collection, id, now) as unknown as RecordRow | undefined;
      return row && toRecord(row);
    },
    list(collection, prefix, after, limit, now) {
      const rows: WireRecord[] = [];
      const [statement, bound] = compareCodePoints(prefix, after) > 0 ? [selectFrom, prefix] : [selectAfter, after];
      for (const row of statement.iterate(collection, bound, now, Math.min(limit, 0x7fffffff)) as Iterable<unknown>) {
        const record = toRecord(row as RecordRow);
        if (!record.id.startsWith(prefix)) break;
        rows.push(record);
      }
      return rows;
    },
    put({ collection, id, value, ifVersion, expiresAt }, now) {
      if (ifVersion !== undefined) expect(collection, id, ifVersion, now);
      return Number(put.run(collection, id, value, expiresAt ?? null).lastInsertRowid);
    },
    delete(collection, id, ifVersion, now) {
      if (ifVersion !== undefined) expect(collection, id, ifVersion, now);
      const was = versionOf(collection, id, now) !== null;
      remove.run(collection, id);
      return was;
    },
    expect,
    purge(now) {
      purge.run(now);
    },
  };
}

function toRecord({ id, value, version, expires }: RecordRow): WireRecord {
  return { id, value, version, ...(expires !== null && { expiresAt: expires }) };
}
