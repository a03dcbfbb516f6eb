import {
  AnySeriesError,
  type Json,
  type PointBatch,
  type Series,
  type SeriesInput,
  type StoredRecord,
  type Value,
  valueAt,
} from '@anyseries/core';
import {
  addIntegers,
  addValues,
  type CallContext,
  compareCodePoints,
  createBatchBuilder,
  createSubscriptions,
  loadFold,
  matchesFilter,
  type ReadRequest,
  type StoreBackend,
  type StoreOperation,
} from '@anyseries/core/provider';
import { createTimeLine, type TimeLine } from './time-line.ts';

const pagePoints = 10_000;
const pageSeries = 1000;
const sweepEvery = 1024;

interface MemorySeries {
  series: Series;
  readonly line: TimeLine;
}

interface MemoryRecord {
  readonly value: Json | Uint8Array;
  readonly version: number;
  readonly expiresAt: number;
}

/** Undoes one step of a commit. */
type Undo = () => void;

/** The store in memory: maps, changed by commits that are undone as a whole when one of their steps fails. */
export function createMemoryBackend(): StoreBackend {
  const allSeries = new Map<string, MemorySeries>();
  const collections = new Map<string, Map<string, MemoryRecord>>();
  const subscriptions = createSubscriptions((key) => allSeries.get(key)?.series ?? bareSeries(key));
  let lastVersion = 0;

  function ensure(key: string, undo: Undo[]): MemorySeries {
    const present = allSeries.get(key);
    if (present !== undefined) return present;
    const created = { series: bareSeries(key), line: createTimeLine() };
    allSeries.set(key, created);
    undo.push(() => allSeries.delete(key));
    return created;
  }

  function setPoint(line: TimeLine, time: number, value: Value, undo: Undo[]): void {
    const before = line.get(time);
    line.set(time, value);
    undo.push(() => (before === undefined ? line.remove(time, time) : line.set(time, before)));
  }

  function write(batch: PointBatch, undo: Undo[]): PointBatch {
    const lines = batch.refs.map(({ key }) => ensure(key, undo).line);
    for (let row = 0; row < batch.length; row++) setPoint(lines[batch.series[row]!]!, batch.times[row]!, valueAt(batch, row), undo);
    return batch;
  }

  /** Adds; answers the sums, which is what subscribers see. */
  function increment({ batch, truncate }: StoreOperation & { kind: 'increment' }, undo: Undo[]): PointBatch {
    const add = truncate ? addIntegers : addValues;
    const lines = batch.refs.map(({ key }) => ensure(key, undo).line);
    const sums = createBatchBuilder(batch.length);
    const failed: number[] = [];
    let failure: unknown;
    for (let row = 0; row < batch.length; row++) {
      const [place, time] = [batch.series[row]!, batch.times[row]!];
      try {
        const sum = add(lines[place]!.get(time) ?? 0, valueAt(batch, row));
        setPoint(lines[place]!, time, sum, undo);
        sums.add(batch.refs[place]!, time, sum);
      } catch (error) {
        failure ??= error;
        failed.push(row);
      }
    }
    if (failed.length > 0) throw new AnySeriesError('conflict', (failure as Error).message, { indices: failed });
    return sums.build();
  }

  function remove(operation: StoreOperation & { kind: 'delete' }, undo: Undo[]): void {
    const present = allSeries.get(operation.key);
    if (present === undefined) return;
    if (operation.range === undefined) {
      allSeries.delete(operation.key);
      undo.push(() => allSeries.set(operation.key, present));
      return;
    }
    const { start, end } = operation.range;
    const { line } = present;
    const from = line.firstFrom(start);
    const to = start === end ? from + Number(line.times[from] === start) : line.firstFrom(end);
    const [times, values] = [line.times.slice(from, to), line.values.slice(from, to)];
    line.remove(start, end);
    undo.push(() => {
      for (const [i, time] of times.entries()) line.set(time, values[i]!);
    });
  }

  function putSeries({ key, name, attributes = {}, tags = [] }: SeriesInput, undo: Undo[]): Series {
    const present = ensure(key, undo);
    const before = present.series;
    present.series = { key, ...(name === undefined ? {} : { name }), attributes: { ...attributes }, tags: [...tags] };
    undo.push(() => {
      present.series = before;
    });
    return present.series;
  }

  function live(collection: string, id: string, now: number): MemoryRecord | undefined {
    const record = collections.get(collection)?.get(id);
    return record !== undefined && record.expiresAt > now ? record : undefined;
  }

  function expectVersion(collection: string, id: string, wanted: number | null | undefined, now: number): MemoryRecord | undefined {
    const present = live(collection, id, now);
    if (wanted === undefined || wanted === (present?.version ?? null)) return present;
    throw new AnySeriesError(
      'conflict',
      `the record ${JSON.stringify(id)} of ${JSON.stringify(collection)} is not at the expected version`,
    );
  }

  function setRecord(collection: string, id: string, record: MemoryRecord | undefined, undo: Undo[]): void {
    const records = collections.get(collection) ?? new Map<string, MemoryRecord>();
    collections.set(collection, records);
    const before = records.get(id);
    if (record === undefined) records.delete(id);
    else records.set(id, record);
    undo.push(() => (before === undefined ? records.delete(id) : records.set(id, before)));
  }

  /** Frees what has expired; nobody could see it any more. */
  function sweep(now: number): void {
    for (const records of collections.values()) {
      for (const [id, { expiresAt }] of records) if (expiresAt <= now) records.delete(id);
    }
  }

  function apply(operation: StoreOperation, now: number, undo: Undo[], published: PointBatch[]): unknown {
    switch (operation.kind) {
      case 'write':
        return void published.push(write(operation.batch, undo));
      case 'increment':
        return void published.push(increment(operation, undo));
      case 'delete':
        return remove(operation, undo);
      case 'putSeries':
        return putSeries(operation.series, undo);
      case 'putRecord': {
        const { collection, id, value, ifVersion, expiresAt = Number.POSITIVE_INFINITY } = operation;
        expectVersion(collection, id, ifVersion, now);
        setRecord(collection, id, { value, version: ++lastVersion, expiresAt }, undo);
        if (lastVersion % sweepEvery === 0) sweep(now);
        return lastVersion;
      }
      case 'deleteRecord': {
        const { collection, id, ifVersion } = operation;
        const present = expectVersion(collection, id, ifVersion, now);
        setRecord(collection, id, undefined, undo);
        return present !== undefined;
      }
      case 'expectRecord':
        return void expectVersion(operation.collection, operation.id, operation.version, now);
    }
  }

  async function* readSeries(key: string, request: ReadRequest): AsyncGenerator<PointBatch> {
    const { start, end, descending, rollup } = request;
    const ref = { key, slot: undefined };
    const fold = rollup === undefined ? undefined : (await loadFold()).createSeriesFold(rollup, descending);
    let left = request.limit;
    let last: number | undefined;
    // the place is found anew for each page: the line may have changed between two of them
    for (let done = false; !done && left > 0; ) {
      const line = allSeries.get(key)?.line;
      const builder = createBatchBuilder(Math.min(pagePoints, left));
      const size = fold === undefined ? Math.min(pagePoints, left) : pagePoints;
      let seen = 0;
      if (line !== undefined) {
        const step = descending ? -1 : 1;
        let place = placeAfter(line, last, request);
        for (; seen < size && place >= 0 && place < line.times.length; place += step) {
          const time = line.times[place]!;
          if (time < start || time >= end) break;
          if (fold === undefined) builder.add(ref, time, line.values[place]!);
          else fold.add(time, line.values[place]!);
          last = time;
          seen++;
        }
      }
      done = seen < size;
      if (fold !== undefined) {
        if (done) fold.finish();
        const { times, values } = fold.take();
        for (let i = 0; i < times.length && i < left; i++) builder.add(ref, times[i]!, values[i]!);
      }
      left -= builder.length;
      if (builder.length > 0) yield builder.build();
    }
  }

  return {
    async commit(operations, { clock }: CallContext) {
      const undo: Undo[] = [];
      const published: PointBatch[] = [];
      const now = clock.now();
      try {
        const answers = operations.map((operation) => apply(operation, now, undo, published));
        if (operations.some(({ kind }) => kind === 'putSeries' || kind === 'delete')) subscriptions.forget();
        for (const batch of published) subscriptions.publish(batch);
        return answers;
      } catch (error) {
        for (const step of undo.reverse()) step();
        throw error;
      }
    },
    async *read(request) {
      for (const key of request.keys) yield* readSeries(key, request);
    },
    async *series(filter) {
      const found = [...allSeries.values()].map(({ series }) => series).filter((series) => matchesFilter(series, filter));
      found.sort((a, b) => compareCodePoints(a.key, b.key));
      for (let from = 0; from < found.length; from += pageSeries) yield found.slice(from, from + pageSeries);
    },
    async latest(keys) {
      const builder = createBatchBuilder(keys.length);
      for (const key of keys) {
        const line = allSeries.get(key)?.line;
        const time = line?.times.at(-1);
        if (time !== undefined) builder.add({ key, slot: undefined }, time, line!.values.at(-1)!);
      }
      return builder.build();
    },
    subscribe: subscriptions.add,
    async getRecord(collection, id, { clock }) {
      const record = live(collection, id, clock.now());
      return record === undefined ? undefined : toStored(id, record);
    },
    async listRecords(collection, prefix, after, limit, { clock }) {
      const now = clock.now();
      const ids = [...(collections.get(collection)?.keys() ?? [])].filter(
        (id) => id.startsWith(prefix) && compareCodePoints(id, after) > 0,
      );
      const found = ids
        .sort(compareCodePoints)
        .flatMap((id) => (live(collection, id, now) === undefined ? [] : [toStored(id, live(collection, id, now)!)]));
      return found.slice(0, limit);
    },
    async close() {
      allSeries.clear();
      collections.clear();
    },
  };
}

/** Where a page begins: after the last time of the page before, or at the edge of the range. */
function placeAfter(line: TimeLine, last: number | undefined, { start, end, descending }: ReadRequest): number {
  if (descending) return line.firstFrom(last ?? end) - 1;
  if (last === undefined) return line.firstFrom(start);
  const place = line.firstFrom(last);
  return line.times[place] === last ? place + 1 : place;
}

function bareSeries(key: string): Series {
  return { key, attributes: {}, tags: [] };
}

/** Bytes are copied and JSON is parsed anew, so that a reader cannot change what is stored. */
function toStored(id: string, { value, version, expiresAt }: MemoryRecord): StoredRecord {
  const copy = value instanceof Uint8Array ? value.slice() : structuredClone(value);
  return { id, value: copy, version, ...(expiresAt === Number.POSITIVE_INFINITY ? {} : { expiresAt }) };
}
