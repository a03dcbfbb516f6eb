import { resolve } from 'node:path';
import { type PointBatch, type Series, type SeriesFilter, type Store, type StoredRecord, valueAt } from '@anyseries/core';
import {
  compareCodePoints,
  createBatchBuilder,
  defineStore,
  type ReadRequest,
  type StoreBackend,
  type StoreOperation,
} from '@anyseries/core/provider';
import { buffersOf, copyToWireBatch, fromWireBatch, seriesPageLength, type WireOperation, type WireRecord } from './protocol.ts';
import { type CheckedSettings, checkPath, checkSettings, pathFromEnvironment, type SqliteSettings } from './settings.ts';
import { startWorker } from './worker-client.ts';

type CallContext = Parameters<StoreBackend['commit']>[1];

/** The embedded store. */
export type SqliteStore = Store & {
  /**
   * Copies the store to a new file: everything that is committed when the copy starts. Reads and writes go on meanwhile.
   *
   * @throws AnySeriesError `conflict` where the file exists · `full`, `unavailable` where it cannot be written
   */
  backup(path: string): Promise<void>;
};

/** A store's backend that can also copy its file. */
export interface SqliteBackend extends StoreBackend {
  backup(path: string): Promise<void>;
}

/**
 * Connects to a SQLite file, which is made at the first request if it does not exist.
 *
 * ```ts
 * await using store = connect('sqlite:./data.db'); // or connect({ path: './data.db', synchronous: 'normal' })
 * await store.write([{ series: 'temperature{room="kitchen"}', value: 21.5 }]);
 * ```
 *
 * @param settings an address `sqlite:<path>` or settings; without a path, `ANYSERIES_SQLITE_URL` or `sqlite:./data.db`, read at the first request
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createSqlite(settings?: string | SqliteSettings): SqliteStore {
  const checked = checkSettings(settings);
  let backend: SqliteBackend | undefined;
  const { store, call } = defineStore({
    id: 'sqlite',
    settings: checked.provider,
    async open() {
      backend = await openBackend(checked);
      return backend;
    },
  });
  return {
    ...store,
    async backup(path) {
      checkPath(path, 'path');
      await call(forAsLongAsItTakes, () => backend!.backup(path));
    },
  };
}

/** The longest time that a timer can wait, in place of the default of calls. */
const forAsLongAsItTakes = { signal: undefined, deadlineMs: 0x7fffffff };

/** Starts the thread that owns the file, and opens the file there. */
export async function openBackend(settings: CheckedSettings): Promise<SqliteBackend> {
  const { synchronous, busyTimeoutMs, clock } = settings;
  const named = settings.path ?? pathFromEnvironment();
  const path = named === ':memory:' ? named : resolve(named);
  const worker = startWorker({ path, synchronous, busyTimeoutMs });
  let lastStream = 0;
  try {
    await worker.ask({ kind: 'open' }, clock.now());
  } catch (error) {
    await worker.terminate();
    throw error;
  }

  async function* read(request: ReadRequest, context: CallContext): AsyncGenerator<PointBatch> {
    const stream = ++lastStream;
    const askPage = (opening?: ReadRequest) => {
      const page = worker.ask({ kind: 'page', stream, ...(opening && { opening }) }, context.clock.now());
      page.catch(() => {}); // it may be asked for ahead and never be looked at
      return page;
    };
    let isOpen = true;
    try {
      let coming = askPage(request);
      while (isOpen) {
        const { page, last } = await orAborted(coming, context.signal);
        isOpen = !last;
        if (isOpen) coming = askPage();
        if (page !== undefined) yield fromWireBatch(page);
      }
    } finally {
      if (isOpen) worker.tell({ kind: 'cancel', stream });
    }
  }

  async function* series(filter: SeriesFilter, { signal, clock }: CallContext): AsyncGenerator<readonly Series[]> {
    const ask = (part: SeriesFilter, after: string) => orAborted(worker.ask({ kind: 'series', filter: part, after }, clock.now()), signal);
    if (filter.keys !== undefined) {
      const keys = [...new Set(filter.keys)].sort(compareCodePoints);
      for (let i = 0; i < keys.length; i += seriesPageLength) {
        const page = await ask({ ...filter, keys: keys.slice(i, i + seriesPageLength) }, '');
        if (page.length > 0) yield page;
      }
      return;
    }
    let page = await ask(filter, '');
    while (page.length > 0) {
      yield page;
      if (page.length < seriesPageLength) return;
      page = await ask(filter, page.at(-1)!.key);
    }
  }

  return {
    async commit(operations, { clock, signal }) {
      signal.throwIfAborted();
      const wire = operations.map(toWireOperation);
      const buffers = wire.flatMap((operation) => ('batch' in operation ? buffersOf(operation.batch) : []));
      return worker.ask({ kind: 'commit', operations: wire }, clock.now(), buffers);
    },
    async getRecord(collection, id, { clock }) {
      const record = await worker.ask({ kind: 'getRecord', collection, id }, clock.now());
      return record && toStoredRecord(record);
    },
    async listRecords(collection, prefix, after, limit, { clock }) {
      const records = await worker.ask({ kind: 'listRecords', collection, prefix, after, limit }, clock.now());
      return records.map(toStoredRecord);
    },
    read,
    series,
    async latest(keys, context) {
      const request = { keys, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, descending: true, limit: 1 };
      const points = createBatchBuilder();
      for await (const page of read(request, context)) {
        for (let row = 0; row < page.length; row++) points.add(page.refs[page.series[row]!]!, page.times[row]!, valueAt(page, row));
      }
      return points.build();
    },
    subscribe: (filter, listener) => worker.subscribe(filter, listener, clock.now()),
    async check({ clock }) {
      await worker.ask({ kind: 'ping' }, clock.now());
      return {};
    },
    async backup(target) {
      await worker.ask({ kind: 'backup', path: target }, clock.now());
    },
    async close() {
      if (worker.isRunning) await worker.ask({ kind: 'close' }, clock.now());
    },
  };
}

function toWireOperation(operation: StoreOperation): WireOperation {
  if (operation.kind === 'write' || operation.kind === 'increment') return { ...operation, batch: copyToWireBatch(operation.batch) };
  if (operation.kind !== 'putRecord') return operation;
  const { value } = operation;
  return { ...operation, value: value instanceof Uint8Array ? value.slice() : JSON.stringify(value) };
}

function toStoredRecord(record: WireRecord): StoredRecord {
  const { value } = record;
  return { ...record, value: typeof value === 'string' ? JSON.parse(value) : value };
}

/** The promise, or the signal's reason as soon as it is aborted. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
