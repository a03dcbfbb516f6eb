import { AnySeriesError, type PointBatch } from '@anyseries/core';
import { type HttpResponse, readJson, readText } from '@anyseries/core/http';
import {
  type Backend,
  type CallContext,
  compareCodePoints,
  createBatchBuilder,
  matchesFilter,
  type ReadRequest,
} from '@anyseries/core/provider';
import { type Service, seriesPath } from '../client/service.ts';
import { latestAnswer } from '../wire/answers.ts';
import { CsvFault, createCsvReader } from '../wire/csv.ts';
import { parseSeconds } from '../wire/time.ts';
import type { SeriesIds } from './series-ids.ts';

type ReadMethods = Required<Pick<Backend, 'read' | 'series' | 'latest'>>;

/** Characters that are parsed before points are given out. */
const pieceLength = 1 << 18;
/** Series that are asked for at a time. */
const atOnce = 8;

/** Reading: the service gives a series as a whole or not at all, so that ranges are cut out here. Rows without a value are no points. */
export function createReadMethods(service: Service, ids: SeriesIds): ReadMethods {
  async function* read({ keys, ...range }: ReadRequest, context: CallContext): AsyncGenerator<PointBatch> {
    for (const key of keys) {
      const text = await csvOf(key, context);
      if (text === undefined) continue;
      yield* range.descending ? descending(key, text, range) : ascending(key, text, range);
    }
  }

  async function csvOf(key: string, context: CallContext): Promise<string | undefined> {
    const answer = await readSeriesCsv(service, ids, key, context);
    return answer?.text;
  }

  async function newest(key: string, context: CallContext): Promise<readonly [time: number, value: number | boolean] | undefined> {
    const id = await ids.find(key, context);
    if (id === undefined) return undefined;
    const response = await service.send({ path: seriesPath(id, 'value/json/'), accept: [404] }, context);
    if (response.status === 404) return undefined;
    const { timestamp, value } = await readJson(response, latestAnswer);
    if (timestamp === null) return undefined;
    if (value !== null) return [parseSeconds(String(timestamp))!, value];
    // the newest row says that there is no value; the newest point is somewhere before it
    for await (const { times, values, others } of read({ keys: [key], ...everything, descending: true, limit: 1 }, context))
      return [times[0]!, (others.get(0) as boolean | undefined) ?? values[0]!];
    return undefined;
  }

  return {
    read,
    async *series(filter, context) {
      const found = (await Array.fromAsync(ids.list(context))).flat().filter((series) => matchesFilter(series, filter));
      yield found.sort((a, b) => compareCodePoints(a.key, b.key));
    },
    async latest(keys, context) {
      const builder = createBatchBuilder(keys.length);
      for (let from = 0; from < keys.length; from += atOnce) {
        const portion = keys.slice(from, from + atOnce);
        const points = await Promise.all(portion.map((key) => newest(key, context)));
        for (const [i, point] of points.entries()) if (point !== undefined) builder.add({ key: portion[i]!, slot: undefined }, ...point);
      }
      return builder.build();
    },
  };
}

const everything = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

/** A whole series as CSV, and what tells whether it has changed since; nothing where there is no such series. */
export async function readSeriesCsv(
  service: Service,
  ids: SeriesIds,
  key: string,
  context: CallContext,
): Promise<{ readonly id: string; readonly text: string; readonly tag: string | undefined } | undefined> {
  const id = await ids.find(key, context);
  if (id === undefined) return undefined;
  const response = await service.send({ path: seriesPath(id, 'csv/'), accept: [404] }, context);
  if (response.status === 404) {
    await ids.forget(key, id);
    return undefined;
  }
  checkType(response);
  return { id, text: await readText(response), tag: response.headers.get('etag') ?? undefined };
}

/** An empty answer is CSV without rows; what says that it is something else is not. */
function checkType({ status, headers }: HttpResponse): void {
  const type = headers.get('content-type') ?? 'text/csv';
  if (!/^text\/(?!html)/i.test(type)) throw new AnySeriesError('protocol', `the answer (status ${status}) is no CSV but ${type}`);
}

type Range = Omit<ReadRequest, 'keys'>;

function* ascending(key: string, text: string, { start, end, limit }: Range): Generator<PointBatch> {
  const ref = { key, slot: undefined };
  const builder = createBatchBuilder();
  let left = limit;
  let isOver = false;
  const reader = createCsvReader((time, value) => {
    if (time >= end || left <= 0) isOver = true;
    else if (time >= start && value !== null) {
      builder.add(ref, time, value);
      left--;
    }
  });
  for (let at = 0; at < text.length && !isOver; at += pieceLength) {
    guarded(() => reader.add(text.slice(at, at + pieceLength)));
    if (builder.length > 0) yield builder.build();
  }
  if (!isOver) guarded(() => reader.end());
  if (builder.length > 0) yield builder.build();
}

/** Parsed from its beginning all the same: where a line begins only what stands before it tells. */
function* descending(key: string, text: string, { start, end, limit }: Range): Generator<PointBatch> {
  const rows: (readonly [time: number, value: number | boolean])[] = [];
  const reader = createCsvReader((time, value) => {
    if (time >= start && time < end && value !== null) rows.push([time, value]);
  });
  guarded(() => {
    reader.add(text);
    reader.end();
  });
  const ref = { key, slot: undefined };
  const builder = createBatchBuilder();
  for (let row = rows.length - 1; row >= 0 && rows.length - 1 - row < limit; row--) {
    builder.add(ref, ...rows[row]!);
    if (builder.length >= 10_000) yield builder.build();
  }
  if (builder.length > 0) yield builder.build();
}

/** @throws AnySeriesError `protocol` where the answer cannot be understood */
function guarded(work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof CsvFault)) throw cause;
    throw new AnySeriesError('protocol', `the answer is no CSV of two columns: ${cause.message}`, { cause });
  }
}
