import type { DatabaseSync } from 'node:sqlite';
import { isAnySeriesError } from '@anyseries/core';
import type { Subscriptions } from '@anyseries/core/provider';
import { toAnySeriesError, toCommitError } from './failure.ts';
import type { ForeignWatch } from './foreign-watch.ts';
import type { PointTable } from './point-table.ts';
import { fromWireBatch, type WireBatch, type WireOperation } from './protocol.ts';
import type { RecordTable } from './record-table.ts';
import type { SeriesTable } from './series-table.ts';

export interface Commit {
  readonly operations: readonly WireOperation[];
  readonly now: number;
}

export type CommitOutcome = { readonly answers: readonly unknown[] } | { readonly error: unknown };

export interface CommitterParts {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly points: PointTable;
  readonly series: SeriesTable;
  readonly records: RecordTable;
  readonly subscriptions: Subscriptions;
  readonly watch: ForeignWatch;
  /** Sends what was published in a transaction that was committed, or forgets it. */
  publish(committed: boolean): void;
}

const purgeEveryMs = 60_000;

/**
 * Applies commits together, in one transaction of SQLite, each as a whole or not at all; one outcome for each. What a commit
 * publishes is matched with the subscriptions before the next one changes the series again, and sent when the transaction is committed.
 */
export function createCommitter(parts: CommitterParts): (commits: readonly Commit[]) => readonly CommitOutcome[] {
  const { database, path, points, series, records, subscriptions, watch, publish } = parts;
  let purgedAt = Number.NEGATIVE_INFINITY;

  function commitAll(commits: readonly Commit[]): readonly CommitOutcome[] {
    if (commits.length === 1) return [commitAlone(commits[0]!)];
    try {
      return transact(commits[0]!.now, () => commits.map(applyInSavepoint));
    } catch (error) {
      const known = toAnySeriesError(error, path);
      if (known.code === 'unknown-outcome' || known.code === 'locked') return commits.map(() => ({ error: known }));
      // one of them broke the transaction: the others go on without it
      return commits.map(commitAlone);
    }
  }

  function commitAlone(commit: Commit): CommitOutcome {
    try {
      return { answers: transact(commit.now, () => apply(commit)) };
    } catch (error) {
      return { error: toAnySeriesError(error, path) };
    }
  }

  function transact<T>(now: number, work: () => T): T {
    database.exec('BEGIN IMMEDIATE');
    let result: T;
    try {
      watch.look(now);
      purge(now);
      result = work();
    } catch (error) {
      rollBack();
      throw error;
    }
    try {
      database.exec('COMMIT');
    } catch (error) {
      rollBack();
      throw toCommitError(error, path);
    }
    series.settle(true);
    publish(true);
    return result;
  }

  /** SQLite has rolled back by itself after some errors. */
  function rollBack(): void {
    series.settle(false);
    subscriptions.forget();
    publish(false);
    if (database.isTransaction) database.exec('ROLLBACK');
  }

  function applyInSavepoint(commit: Commit): CommitOutcome {
    database.exec('SAVEPOINT one');
    try {
      const answers = apply(commit);
      database.exec('RELEASE one');
      return { answers };
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      database.exec('ROLLBACK TO one; RELEASE one');
      series.settle(false);
      return { error };
    }
  }

  function apply({ operations, now }: Commit): readonly unknown[] {
    const published: WireBatch[] = [];
    const answers = operations.map((operation) => applyOperation(operation, now, published));
    if (operations.some(({ kind }) => kind === 'putSeries' || kind === 'delete')) subscriptions.forget();
    if (subscriptions.size > 0) for (const batch of published) if (batch.times.length > 0) subscriptions.publish(fromWireBatch(batch));
    return answers;
  }

  function applyOperation(operation: WireOperation, now: number, published: WireBatch[]): unknown {
    switch (operation.kind) {
      case 'write':
        points.write(operation.batch, operation.batch.keys.map(series.ensure));
        published.push(operation.batch);
        return undefined;
      case 'increment':
        published.push(points.increment(operation.batch, operation.batch.keys.map(series.ensure), operation.truncate ?? false));
        return undefined;
      case 'delete':
        deletePoints(operation.key, operation.range);
        return undefined;
      case 'putSeries':
        return series.put(operation.series);
      case 'putRecord':
        return records.put(operation, now);
      case 'deleteRecord':
        return records.delete(operation.collection, operation.id, operation.ifVersion, now);
      case 'expectRecord':
        records.expect(operation.collection, operation.id, operation.version, now);
        return undefined;
    }
  }

  function deletePoints(key: string, range: { readonly start: number; readonly end: number } | undefined): void {
    const id = series.find(key);
    if (id === undefined) return;
    if (range === undefined) {
      points.deleteAll(id);
      series.delete(key, id);
    } else {
      points.delete(id, range.start, range.end);
    }
  }

  function purge(now: number): void {
    if (Math.abs(now - purgedAt) < purgeEveryMs) return;
    records.purge(now);
    purgedAt = now;
  }

  return commitAll;
}
