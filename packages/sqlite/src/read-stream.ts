import type { Value } from '@anyseries/core';
import { loadFold, type ReadRequest, type SeriesFold } from '@anyseries/core/provider';
import type { PointRow, PointTable } from './point-table.ts';
import type { WireBatch } from './protocol.ts';
import type { SeriesTable } from './series-table.ts';
import { decodeValue } from './value-codec.ts';

/** A read under way. */
export interface ReadStream {
  /** Works on for a few milliseconds. Answers a page, the end, or `undefined` where neither is reached yet. */
  step(): { readonly page: WireBatch | undefined; readonly last: boolean } | undefined;
}

// the thread has one program: it loads whole before the first question
const { createSeriesFold } = await loadFold();

type Row = readonly [time: number, value: PointRow[1] | Value];

interface Chunk {
  readonly key: string;
  readonly rows: readonly Row[];
}

/** The first page is short, so that little is read for who looks at little. */
const firstPageRows = 2000;
const pageRows = 10_000;
const keysPerStep = 1000;

export function createReadStream(request: ReadRequest, points: PointTable, series: SeriesTable): ReadStream {
  const { keys, start, end, descending, limit } = request;
  const fold: SeriesFold | undefined = request.rollup && createSeriesFold(request.rollup, descending);
  let place = 0;
  let id: number | undefined;
  let last: number | undefined;
  let left = limit;
  let wanted = firstPageRows;
  let chunks: Chunk[] = [];
  let collected = 0;

  function nextRows(count: number): readonly PointRow[] {
    if (descending) return points.pageBack(id!, start, last ?? end, count);
    return points.page(id!, last ?? start, end, last !== undefined, count);
  }

  function collect(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    chunks.push({ key: keys[place]!, rows });
    collected += rows.length;
    left -= rows.length;
  }

  function collectBuckets(): void {
    const { times, values } = fold!.take();
    collect(times.slice(0, left).map((time, i) => [time, values[i]!]));
  }

  function endSeries(): void {
    fold?.finish();
    if (fold !== undefined && id !== undefined) collectBuckets();
    place++;
    id = undefined;
    last = undefined;
    left = limit;
  }

  /** Reads on in the present series; answers how many rows it took. */
  function advance(): number {
    const count = fold === undefined ? Math.min(wanted - collected, left) : pageRows;
    const rows = nextRows(count);
    last = rows.at(-1)?.[0];
    if (fold === undefined) {
      collect(rows);
    } else {
      for (const row of rows) fold.add(row[0], decodeValue(row[1]));
      if (fold.ready > 0) collectBuckets();
    }
    if (rows.length < count || left <= 0) endSeries();
    return rows.length;
  }

  function build(): WireBatch | undefined {
    if (collected === 0) return undefined;
    const page = joinChunks(chunks, collected);
    chunks = [];
    collected = 0;
    wanted = pageRows;
    return page;
  }

  return {
    step() {
      let rows = 0;
      let tried = 0;
      while (place < keys.length && collected < wanted) {
        if (rows >= pageRows || tried >= keysPerStep) return undefined;
        id ??= series.find(keys[place]!);
        if (id === undefined) {
          endSeries();
          tried++;
          continue;
        }
        const before = place;
        rows += advance();
        if (place !== before) tried++;
      }
      return { page: build(), last: place === keys.length };
    },
  };
}

function joinChunks(chunks: readonly Chunk[], length: number): WireBatch {
  const keys: string[] = [];
  const series = new Uint32Array(length);
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  const others = new Map<number, Exclude<Value, number>>();
  let at = 0;
  for (const { key, rows } of chunks) {
    if (keys.at(-1) !== key) keys.push(key);
    const number = keys.length - 1;
    if (number > 0) series.fill(number, at, at + rows.length);
    // by index: taking a row apart costs an iterator for each
    for (const row of rows) {
      const stored = row[1];
      times[at] = row[0];
      if (typeof stored === 'number') {
        values[at] = stored;
      } else {
        values[at] = Number.NaN;
        const value = typeof stored === 'object' ? decodeValue(stored) : stored;
        others.set(at, value as Exclude<Value, number>);
      }
      at++;
    }
  }
  return { keys, series, times, values, others };
}
