import type { CallOptions } from '@anyseries/core';
import { createCall } from './client/call.ts';
import type {
  AggregateQuery,
  BulkValue,
  Cursor,
  DataPoint,
  DataSet,
  ElementStatus,
  FindHead,
  FindQuery,
  Found,
  MultiHead,
  MultiPoint,
  MultiRow,
  PointToWrite,
  ReadOptions,
  RollupHead,
  RollupsHead,
  RollupsQuery,
  SegmentHead,
  SegmentQuery,
  SeriesAddress,
  SeriesFields,
  SeriesSelection,
  SingleQuery,
  SinglesQuery,
  SingleValue,
  Summary,
  SummaryQuery,
  TempoDBSeries,
  TempoDBTime,
  TimeRange,
} from './client/model.ts';
import { createReadCalls } from './client/read-calls.ts';
import { createSeriesCalls } from './client/series-calls.ts';
import { createWriteCalls } from './client/write-calls.ts';
import { checkSettings, type TempoDBSettings } from './settings.ts';

/**
 * The native client: every operation of TempoDB, of both generations of its API. Sections are those of the protocol document.
 *
 * A call fails with an `AnySeriesError` that carries the status and the text of the answer: `invalid` (400, 422), `conflict` (409), `forbidden` (403:
 * wrong credentials), `not-found` (403 as well, where the credentials are right: there is no such series), `closed` after `close()`.
 * Reads, and writes that a repetition cannot harm, are tried again after failures that pass.
 */
export interface TempoDBClient {
  /**
   * Creates a series; without a key its key is its id. The service adds tags and attributes that it finds in a key with dots (4.4).
   *
   * @throws AnySeriesError `conflict` where the key exists
   */
  createSeries(series?: SeriesFields, options?: CallOptions): Promise<TempoDBSeries>;
  /** The selected series, by key (5.2). Without a `limit` the service answers them in one page. */
  listSeries(selection?: SeriesSelection, options?: CallOptions & { readonly limit?: number | undefined }): Cursor<TempoDBSeries>;
  getSeries(series: SeriesAddress, options?: CallOptions): Promise<TempoDBSeries>;
  /** Replaces name, tags and attributes, each as a whole; what is left out stays. Id and key cannot be changed (5.4). */
  updateSeries(series: SeriesAddress, fields: SeriesFields, options?: CallOptions): Promise<TempoDBSeries>;
  /** Deletes a series with its points. It is not tried again after a doubtful failure, because a second delete finds no series. */
  deleteSeries(series: SeriesAddress, options?: CallOptions): Promise<void>;
  /**
   * Deletes the selected series with their points (5.5).
   *
   * @throws AnySeriesError `invalid` for a selection that is empty, before anything is sent
   */
  deleteSeriesWhere(selection: SeriesSelection, options?: CallOptions): Promise<{ readonly deleted: number }>;
  /** Deletes every series of the database. */
  deleteAllSeries(options?: CallOptions): Promise<{ readonly deleted: number }>;

  /** Writes points of one series, all or none; an unknown key makes the series (5.6). */
  write(series: SeriesAddress, points: readonly PointToWrite[], options?: CallOptions): Promise<void>;
  /** Writes values of many series at one instant; without one, at that of their arrival (5.7). Answers the status of each value. */
  writeBulk(time: TempoDBTime | undefined, values: readonly BulkValue[], options?: CallOptions): Promise<readonly ElementStatus[]>;
  /** Writes points of many series (5.8). Answers the status of each point; the good ones are stored. */
  writeMulti(points: readonly MultiPoint[], options?: CallOptions): Promise<readonly ElementStatus[]>;
  /** Adds to the values that are there (5.9). The service cuts amounts and sums to integers. Never tried again after a doubtful failure. */
  increment(series: SeriesAddress, points: readonly PointToWrite[], options?: CallOptions): Promise<void>;
  incrementBulk(time: TempoDBTime | undefined, values: readonly BulkValue[], options?: CallOptions): Promise<readonly ElementStatus[]>;
  incrementMulti(points: readonly MultiPoint[], options?: CallOptions): Promise<readonly ElementStatus[]>;
  /** Deletes the points of [start, end); `start` = `end` is the one point at that instant (5.11). */
  deletePoints(series: SeriesAddress, range: TimeRange, options?: CallOptions): Promise<void>;

  /** Reads one series as the first generation did: rolled up by itself where the range is long, in one answer (5.10). */
  readData(series: SeriesAddress, query: ReadOptions, options?: CallOptions): Promise<DataSet>;
  /** The same of every selected series, also of those without points. */
  readDataSets(selection: SeriesSelection, query: ReadOptions, options?: CallOptions): Promise<readonly DataSet[]>;
  /** Reads one series, page by page (5.12). Interpolation comes before the rollup. */
  readSegment(series: SeriesAddress, query: SegmentQuery, options?: CallOptions): Cursor<DataPoint, SegmentHead>;
  /** Folds the selected series into one, instant by instant, after interpolation and rollup (5.13). */
  aggregate(selection: SeriesSelection, query: AggregateQuery, options?: CallOptions): Cursor<DataPoint, RollupHead>;
  /** Reads the selected series side by side (5.14). */
  readMulti(selection: SeriesSelection, query: SegmentQuery, options?: CallOptions): Cursor<MultiRow, MultiHead>;
  /** Several folds of one series at once (5.15). Of two percentiles the service gives only the last. */
  readRollups(series: SeriesAddress, query: RollupsQuery, options?: CallOptions): Cursor<MultiRow, RollupsHead>;
  /** One point of each period that has any (5.16). */
  find(series: SeriesAddress, query: FindQuery, options?: CallOptions): Cursor<Found, FindHead>;
  /** The point at an instant, or the one before, after or nearest to it (5.17). */
  singleValue(series: SeriesAddress, query?: SingleQuery, options?: CallOptions): Promise<SingleValue>;
  /** The same of every selected series, also of those that have no such point. */
  singleValues(selection: SeriesSelection, query?: SinglesQuery, options?: CallOptions): Cursor<SingleValue>;
  /** Statistics of the stored points of a range (5.18). */
  summary(series: SeriesAddress, query: SummaryQuery, options?: CallOptions): Promise<Summary>;

  /** Whether the service answers; sends no credentials (5.19). */
  ping(options?: CallOptions): Promise<void>;
  /** Creates a database, as partners of the service could; all others get `forbidden` (3). */
  createDatabase(name: string, options?: CallOptions): Promise<{ readonly id: string; readonly password: string }>;

  /** Ends when the calls under way have ended. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a native client; the settings are those of `connect`.
 *
 * ```ts
 * await using client = createClient({ key, secret });
 * await client.write('boiler-7', [{ t: new Date(), v: 40.5 }]);
 * const day = client.readSegment('boiler-7', { start: '2012-03-27', end: '2012-03-28', rollup: { period: '1hour', fold: 'max' } });
 * for await (const { t, v } of day) console.log(new Date(t), v);
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createClient(settings?: string | TempoDBSettings): TempoDBClient {
  const { call, close } = createCall(checkSettings(settings));
  return { ...createSeriesCalls(call), ...createWriteCalls(call), ...createReadCalls(call), close, [Symbol.asyncDispose]: close };
}
