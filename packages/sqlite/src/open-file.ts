import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { AnySeriesError } from '@anyseries/core';
import { createSubscriptions } from '@anyseries/core/provider';
import { type Commit, type CommitOutcome, createCommitter } from './committer.ts';
import { createForeignWatch } from './foreign-watch.ts';
import { createPointTable } from './point-table.ts';
import { type Answers, type Asked, type FromWorker, type Notice, toWireBatch, type WorkerSettings } from './protocol.ts';
import { createReadStream, type ReadStream } from './read-stream.ts';
import { createRecordTable } from './record-table.ts';
import { openDatabase } from './schema.ts';
import { createSeriesTable } from './series-table.ts';

/** The worker's half of a store: everything that needs the file. Errors leave it as they come. */
export interface OpenFile {
  commit(commits: readonly Commit[]): readonly CommitOutcome[];
  /** Answers a question; `undefined`: ask again, it takes longer. */
  answer(
    question: Exclude<Asked, { kind: 'commit' | 'open' | 'backup' | 'close' }>,
  ): { readonly answer: Answers[keyof Answers] } | undefined;
  notice(notice: Notice): void;
  openStream(question: Extract<Asked, { kind: 'page' }>): void;
  backup(target: string): Promise<void>;
  close(): void;
}

/** How often the file is looked at while somebody listens, in milliseconds. */
const lookEveryMs = 500;
const ended: Answers['page'] = { page: undefined, last: true };

export function openFile(settings: WorkerSettings, now: number, post: (message: FromWorker) => void): OpenFile {
  const { path } = settings;
  const database = openDatabase(settings);
  const points = createPointTable(database);
  const series = createSeriesTable(database);
  const records = createRecordTable(database);
  const subscriptions = createSubscriptions(series.describe);
  const streams = new Map<number, ReadStream>();
  const listeners = new Map<number, () => void>();
  let outbox: FromWorker[] = [];
  let timer: NodeJS.Timeout | undefined;

  const watch = createForeignWatch(database, now, (gap) => {
    series.forget();
    subscriptions.forget();
    subscriptions.gap(gap);
  });

  const commit = createCommitter({
    database,
    path,
    points,
    series,
    records,
    subscriptions,
    watch,
    publish(committed) {
      if (committed) for (const message of outbox) post(message);
      outbox = [];
    },
  });

  /** A view of the file as it is now, with what is remembered of it. */
  function inSnapshot<T>(at: number, work: () => T): T {
    database.exec('BEGIN');
    try {
      watch.look(at);
      return work();
    } finally {
      if (database.isTransaction) database.exec('COMMIT');
    }
  }

  function nextPage(stream: number, at: number): Answers['page'] | undefined {
    const reading = streams.get(stream);
    if (reading === undefined) return ended;
    const page = inSnapshot(at, reading.step);
    if (page?.last) streams.delete(stream);
    return page;
  }

  function listen(listener: number, filter: Parameters<typeof subscriptions.add>[0], at: number): void {
    lookAt(at);
    const stop = subscriptions.add(filter, {
      points: (batch) => outbox.push({ kind: 'points', listener, batch: toWireBatch(batch) }),
      gap: ({ gap }) => post({ kind: 'gap', listener, ...gap }),
      failed: () => {},
    });
    listeners.set(listener, stop);
    const ahead = at - Date.now();
    timer ??= setInterval(() => lookAt(Date.now() + ahead), lookEveryMs);
  }

  function lookAt(time: number): void {
    try {
      watch.look(time);
    } catch {
      // the file is busy or fails; the next look or the next call will tell
    }
  }

  function stopListening(listener: number): void {
    listeners.get(listener)?.();
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    commit,
    answer(question) {
      const { now: at } = question;
      switch (question.kind) {
        case 'ping':
          return { answer: inSnapshot(at, () => undefined) };
        case 'page': {
          const page = nextPage(question.stream, at);
          return page && { answer: page };
        }
        case 'series':
          return { answer: inSnapshot(at, () => series.page(question.filter, question.after)) };
        case 'getRecord':
          return { answer: records.get(question.collection, question.id, at) };
        case 'listRecords':
          return { answer: records.list(question.collection, question.prefix, question.after, question.limit, at) };
      }
    },
    notice(notice) {
      if (notice.kind === 'cancel') streams.delete(notice.stream);
      else if (notice.kind === 'subscribe') listen(notice.listener, notice.filter, notice.now);
      else stopListening(notice.listener);
    },
    openStream({ stream, opening }) {
      if (opening !== undefined) streams.set(stream, createReadStream(opening, points, series));
    },
    async backup(target) {
      if (path === ':memory:') {
        reserve(target);
        database.prepare('VACUUM INTO ?').run(target);
      } else {
        await copyFile(path, target);
      }
    },
    close() {
      clearInterval(timer);
      // the last connection to close moves the log into the file and removes it
      database.close();
    },
  };
}

/** Copies the file in one step, on a connection of its own: a view of one moment, while writes go on. */
async function copyFile(path: string, target: string): Promise<void> {
  reserve(target);
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    await backup(source, target, { rate: 0x7fffffff });
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  } finally {
    source.close();
  }
}

/** Makes an empty file, so that no other one is overwritten. */
function reserve(target: string): void {
  try {
    writeFileSync(target, '', { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new AnySeriesError('conflict', `backup ${resolve(target)}: the file exists; give another path`, { provider: 'sqlite' });
    throw new AnySeriesError('unavailable', `backup ${resolve(target)}: the file cannot be made (${code})`, {
      provider: 'sqlite',
      cause: error,
    });
  }
}
