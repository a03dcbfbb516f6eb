import type { CallOptions } from '@anyseries/core';
import { AnySeriesError } from '@anyseries/core';
import { readJson, readText } from '@anyseries/core/http';
import { invalid, show } from '@anyseries/core/provider';
import { latestAnswer } from '../wire/answers.ts';
import { createCsvReader } from '../wire/csv.ts';
import { parseSeconds } from '../wire/time.ts';
import { valueText } from '../wire/value.ts';
import type { Call } from './call.ts';
import type { Data, Row, TimetricValue } from './model.ts';
import { checkValue, toCsv, toCsvText } from './rows.ts';
import { seriesPath } from './service.ts';

/** A series by its id; whether there is one the service tells at the first call. Iterated, it gives its rows. */
export interface TimetricSeries extends AsyncIterable<Row> {
  readonly id: string;
  /** The row of the greatest time; nothing where there are none. */
  latest(options?: CallOptions): Promise<Row | undefined>;
  /** The number of the newest row. @throws AnySeriesError `invalid` where that is no number, or there is none */
  toNumber(options?: CallOptions): Promise<number>;
  /** All rows as the service writes them, oldest first; times as Unix seconds or, `iso`, as ISO 8601. */
  csv(options?: CallOptions & { readonly times?: 'unix' | 'iso' | undefined }): Promise<string>;
  /** All rows, oldest first. */
  rows(options?: CallOptions): AsyncIterable<Row>;
  /**
   * Adds a value at the time of its arrival, or rows: those that are there at the same times are replaced, all others stay. Files and streams go in
   * requests of about a megabyte, rows in such of ten thousand, each stored as a whole; sending the same again changes nothing. A single value is
   * never sent again after a doubtful failure.
   */
  update(data: TimetricValue | Data, options?: CallOptions): Promise<void>;
  /** Adds to the newest value; the sum gets the time of its arrival. Never sent again after a doubtful failure. */
  increment(amount: number, options?: CallOptions): Promise<void>;
  /** The same, the other way. */
  decrement(amount: number, options?: CallOptions): Promise<void>;
  /** Replaces all rows, in one request. */
  rewrite(data: Data, options?: CallOptions): Promise<void>;
  /** Deletes the series itself. To empty it, rewrite it with an empty text. */
  delete(options?: CallOptions): Promise<void>;
}

/** Characters that are parsed before rows are given out. */
const pieceLength = 1 << 16;

export function createSeries(call: Call, id: string): TimetricSeries {
  if (typeof id !== 'string' || id === '') throw invalid('id', `${show(id)} is no id of a series`);

  async function csv({ times = 'unix', ...options }: CallOptions & { readonly times?: 'unix' | 'iso' | undefined } = {}): Promise<string> {
    if (times !== 'unix' && times !== 'iso') throw invalid('options.times', `${show(times)} is neither 'unix' nor 'iso'`);
    const path = seriesPath(id, times === 'iso' ? 'csv/iso.csv' : 'csv/');
    return call(options, async (service, context) => readText(await service.send({ path }, context)));
  }

  async function* rows(options?: CallOptions): AsyncGenerator<Row> {
    yield* parseRows(await csv(options));
  }

  async function latest(options?: CallOptions): Promise<Row | undefined> {
    const path = seriesPath(id, 'value/json/');
    const { timestamp, value } = await call(options, async (service, context) =>
      readJson(await service.send({ path }, context), latestAnswer),
    );
    return timestamp === null ? undefined : { time: parseSeconds(String(timestamp))!, value };
  }

  async function post(name: string, value: string, options: unknown): Promise<void> {
    const request = { method: 'POST', path: seriesPath(id), form: [[name, value]], idempotent: false } as const;
    await call(options, (service, context) => service.send(request, context));
  }

  async function increment(amount: number, options?: CallOptions): Promise<void> {
    if (typeof amount !== 'number' || !Number.isFinite(amount)) throw invalid('amount', `${show(amount)} is no finite number`);
    await post('increment', String(amount), options);
  }

  return {
    id,
    latest,
    csv,
    rows,
    [Symbol.asyncIterator]: rows,
    increment,
    decrement: async (amount, options) => increment(typeof amount === 'number' ? -amount : amount, options),
    async toNumber(options) {
      const value = (await latest(options))?.value;
      if (typeof value === 'number') return value;
      throw invalid('value', value === undefined ? 'the series has no rows' : `the newest value is ${value}, which is no number`);
    },
    async update(data, options) {
      if (typeof data !== 'object' && typeof data !== 'string') return post('value', valueText(checkValue(data, 'data')), options);
      if (data === null) return post('value', 'null', options);
      for await (const piece of toCsv(data, 'data')) {
        const request = { method: 'POST', path: seriesPath(id), csv: piece, idempotent: true } as const;
        await call(options, (service, context) => service.send(request, context));
      }
    },
    async rewrite(data, options) {
      const text = await toCsvText(data, 'data');
      await call(options, (service, context) => service.send({ method: 'PUT', path: seriesPath(id), csv: text }, context));
    },
    async delete(options) {
      // a second one would find no series
      const request = { method: 'DELETE', path: seriesPath(id), idempotent: false } as const;
      await call(options, (service, context) => service.send(request, context));
    },
  };
}

/** The rows of a text, parsed as they are asked for. @throws AnySeriesError `protocol` */
export function* parseRows(text: string): Generator<Row> {
  for (const page of parsePages(text)) yield* page;
}

function* parsePages(text: string): Generator<readonly Row[]> {
  let page: Row[] = [];
  const reader = createCsvReader((time, value) => page.push({ time, value }));
  try {
    for (let at = 0; at < text.length; at += pieceLength) {
      reader.add(text.slice(at, at + pieceLength));
      yield page;
      page = [];
    }
    reader.end();
    yield page;
  } catch (cause) {
    throw new AnySeriesError('protocol', `the answer is no CSV of two columns: ${(cause as Error).message}`, { cause });
  }
}
