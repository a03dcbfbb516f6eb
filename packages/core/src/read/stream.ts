import { AnySeriesError, show } from '../errors.ts';
import type { Point, Value } from '../point.ts';
import { type PointBatch, pointAt, valueAt } from '../point-batch.ts';
import type { Columns, PointStream } from '../point-stream.ts';

/** A stream over pages; empty pages are left out. */
export function createPointStream(rollupBy: PointStream['rollupBy'], pages: () => AsyncIterable<PointBatch>): PointStream {
  let used = false;

  async function* once(): AsyncGenerator<PointBatch> {
    if (used) throw new AnySeriesError('invalid', 'stream: it is read once; read again for another pass');
    used = true;
    for await (const page of pages()) if (page.length > 0) yield page;
  }

  async function* points(): AsyncGenerator<Point> {
    for await (const page of once()) for (let row = 0; row < page.length; row++) yield pointAt(page, row);
  }

  async function toArray(): Promise<Point[]> {
    const all: Point[] = [];
    for await (const page of once()) for (let row = 0; row < page.length; row++) all.push(pointAt(page, row));
    return all;
  }

  async function columns(): Promise<Columns>;
  async function columns(options: { readonly values: 'any' }): Promise<Columns<Value[]>>;
  async function columns(options?: { readonly values: 'any' }): Promise<Columns | Columns<Value[]>> {
    const collected: PointBatch[] = [];
    for await (const page of once()) {
      if (options?.values !== 'any') checkDoubles(page);
      collected.push(page);
    }
    const times = concatenate(collected.map((page) => page.times));
    if (options?.values !== 'any') return { times, values: concatenate(collected.map((page) => page.values)) };
    return { times, values: collected.flatMap((page) => Array.from({ length: page.length }, (_, row) => valueAt(page, row))) };
  }

  return { rollupBy, pages: once, toArray, columns, [Symbol.asyncIterator]: points };
}

function checkDoubles(page: PointBatch): void {
  const row = Math.min(...page.others.keys());
  if (row === Number.POSITIVE_INFINITY) return;
  const { series, time, value } = pointAt(page, row);
  const what = `the value ${show(value)} of ${show(series)} at ${time} is no double`;
  throw new AnySeriesError('unsupported', `columns: ${what}; use columns({ values: 'any' })`);
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
