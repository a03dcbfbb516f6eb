import { DatabaseSync } from 'node:sqlite';
import { AnySeriesError } from '@anyseries/core';
import { isBusy, toAnySeriesError } from './failure.ts';
import type { WorkerSettings } from './protocol.ts';

/** `anys` in ASCII: marks a file as ours. */
const applicationId = 0x616e7973;

/**
 * The steps from an empty file to the present schema, for ever in this order; `user_version` counts those that a file has taken.
 *
 * - `point.time` is epoch milliseconds. `point.value` keeps its type: REAL a number, INTEGER a bigint, TEXT a string, BLOB see `value-codec.ts`.
 * - `series_property` finds series: kind 0 the name in the key, 1 a label, 2 an attribute, 3 a tag.
 * - `record.version` is never given twice, because AUTOINCREMENT does not.
 */
const migrations: readonly string[] = [
  `CREATE TABLE series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    name TEXT,
    attributes TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE TABLE series_property (
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    series INTEGER NOT NULL,
    PRIMARY KEY (kind, name, value, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE point (
    series INTEGER NOT NULL,
    time REAL NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (series, time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    value ANY NOT NULL,
    expires REAL,
    UNIQUE (collection, id)
  ) STRICT;
  CREATE INDEX record_by_expiry ON record (expires) WHERE expires IS NOT NULL;`,
];

/** Opens the file and brings it to the present schema. A file that is not ours is refused and left as it is. */
export function openDatabase({ path, synchronous, busyTimeoutMs }: WorkerSettings): DatabaseSync {
  const database = openFile(path, busyTimeoutMs);
  try {
    checkOwner(database, path);
    whenFree(() => migrate(database), busyTimeoutMs);
    whenFree(() => database.exec('PRAGMA journal_mode = wal'), busyTimeoutMs);
    database.exec(
      `PRAGMA synchronous = ${synchronous}; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = memory`,
    );
    return database;
  } catch (error) {
    database.close();
    throw toAnySeriesError(error, path);
  }
}

function openFile(path: string, timeout: number): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout });
  } catch (error) {
    throw toAnySeriesError(error, path);
  }
}

function checkOwner(database: DatabaseSync, path: string): void {
  const owner = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const objects = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
  const isEmpty = owner === 0 && version === 0 && objects.count === 0;
  if (owner !== applicationId && !isEmpty) {
    throw new AnySeriesError('invalid', `sqlite ${path}: the file belongs to another application; give another path`, {
      provider: 'sqlite',
    });
  }
  if (version > migrations.length) {
    const problem = `the file has schema ${version}, and this version of @anyseries/sqlite knows ${migrations.length}; update the package`;
    throw new AnySeriesError('spec-version', `sqlite ${path}: ${problem}`, { provider: 'sqlite' });
  }
}

function migrate(database: DatabaseSync): void {
  while (pragma(database, 'user_version') < migrations.length) {
    database.exec('BEGIN IMMEDIATE');
    try {
      const version = pragma(database, 'user_version');
      const step = migrations[version];
      if (step !== undefined) database.exec(`${step} PRAGMA user_version = ${version + 1}; PRAGMA application_id = ${applicationId}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** SQLite does not wait by itself where two connections want to change the same lock, as when both switch to the log. */
function whenFree(work: () => void, timeoutMs: number): void {
  const end = Date.now() + timeoutMs;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (true) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() >= end) throw error;
      Atomics.wait(sleeper, 0, 0, 10);
    }
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name]!;
}
