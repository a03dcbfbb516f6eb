/** A number as TempoDB keeps it: a double, or a 64-bit integer where no double holds it. */
export type TempoDBValue = number | bigint;

/**
 * An instant as the client takes it: a `Date`, epoch milliseconds (finer digits are cut off), or a text of section 4.5 of the protocol document,
 * which is sent as it is.
 */
export type TempoDBTime = Date | number | string;

/** A series by its key, as a text or in an object, or by the id that the service gave it. */
export type SeriesAddress = string | { readonly key: string } | { readonly id: string };

/** Selects series: named by any of the ids or keys, and with all of the tags, and with all of the attributes. What is left out selects all. */
export interface SeriesSelection {
  readonly ids?: readonly string[] | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/**
 * Rows of an answer that comes in pages. Nothing is asked for before it is iterated, and a page only when the rows before it are used up;
 * breaking out of a loop ends it. It is iterated once, in one of its forms.
 */
export interface Cursor<Row, Head = undefined> extends AsyncIterable<Row> {
  pages(): AsyncIterable<readonly Row[]>;
  toArray(): Promise<Row[]>;
  /** The first page without its rows; that page is fetched once, whether or not the cursor is iterated besides. */
  head(): Promise<Head>;
}

/** A series as the service tells it. */
export interface TempoDBSeries {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a series is created with, or changed to. */
export interface SeriesFields {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** A point as it is read. `t` is epoch milliseconds, whatever zone the answer is written in. */
export interface DataPoint {
  readonly t: number;
  readonly v: TempoDBValue;
}

/** A point of a series that is named elsewhere. Without `t` it gets the time at which the service receives it. */
export interface PointToWrite {
  readonly t?: TempoDBTime | undefined;
  readonly v: TempoDBValue;
}

/** A value of one of several series at one instant. Where both are given, the id counts. */
export interface BulkValue {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly v: TempoDBValue;
}

/** A point of one of several series. */
export interface MultiPoint extends BulkValue {
  readonly t?: TempoDBTime | undefined;
}

/** What became of one element of a bulk or multi request. */
export interface ElementStatus {
  /** 200: stored · 403: there is no series with this id · 422: the element is not acceptable. */
  readonly status: number;
  readonly messages: readonly string[];
}

/** A time range, `[start, end)`. */
export interface TimeRange {
  readonly start: TempoDBTime;
  readonly end: TempoDBTime;
}

interface InZone {
  /** Name of the zone whose calendar bounds days, months and years; default UTC. */
  readonly tz?: string | undefined;
}

interface Paged {
  /** Rows of a page, at most 10,000; how many pages there are is nobody's concern: a cursor fetches them all. */
  readonly limit?: number | undefined;
}

/** A read of the first generation. */
export interface ReadOptions extends TimeRange, InZone {
  /** A period such as `1hour` or `PT1H`, or `raw`. Left out: raw up to 2 days, by the hour up to 30, else by the day. */
  readonly interval?: string | undefined;
  /** Name of a fold; default the average. */
  readonly function?: string | undefined;
}

/** A series in a range, as the first generation answers it. */
export interface DataSet extends DataRange {
  readonly series: TempoDBSeries;
  readonly data: readonly DataPoint[];
  readonly rollup: { readonly interval: string; readonly function: string; readonly tz: string } | null;
  /** Over the stored points of the range, before any rollup: `sum mean max min stddev ss count`. */
  readonly summary: Readonly<Record<string, TempoDBValue>>;
}

interface DataRange {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** Fills a grid of instants, `period` apart from the start of the range on, before anything is folded. */
export interface Interpolation {
  readonly period: string;
  readonly function: 'linear' | 'zoh';
}

/** A read of the second generation. */
export interface SegmentQuery extends TimeRange, InZone, Paged {
  /** `fold` alone folds the whole range; `period` alone takes the mean. */
  readonly rollup?: { readonly period?: string | undefined; readonly fold?: string | undefined } | undefined;
  readonly interpolation?: Interpolation | undefined;
}

/** A read that folds several series into one. */
export interface AggregateQuery extends SegmentQuery {
  /** Name of the fold over the values that several series have at one instant. */
  readonly aggregation: string;
}

/** A read of several folds at once. */
export interface RollupsQuery extends TimeRange, InZone, Paged {
  readonly period: string;
  readonly folds: readonly string[];
  readonly interpolation?: Interpolation | undefined;
}

/** Which point of each period to find. */
export interface FindQuery extends TimeRange, InZone, Paged {
  readonly function: 'max' | 'min' | 'first' | 'last';
  readonly period: string;
}

/** Which single point to read. */
export interface SingleQuery extends InZone {
  /** Default: now, by the service's clock. */
  readonly ts?: TempoDBTime | undefined;
  /** Default `exact`. `before` and `after` include a point at `ts` itself. */
  readonly direction?: 'exact' | 'before' | 'after' | 'nearest' | undefined;
}

export interface SinglesQuery extends SingleQuery, Paged {}

export interface SummaryQuery extends TimeRange, InZone {}

/** How points were folded; `period` is `null` where the whole range was folded into one. */
export interface RollupHead {
  readonly rollup: { readonly period: string | null; readonly fold: string } | null;
  readonly tz: string;
}

export interface SegmentHead extends RollupHead {
  readonly series: TempoDBSeries;
}

/** One instant of several series: values by key; a series without a value there is missing. */
export interface MultiRow {
  readonly t: number;
  readonly v: Readonly<Record<string, TempoDBValue>>;
}

export interface MultiHead extends RollupHead {
  readonly series: readonly TempoDBSeries[];
}

export interface RollupsHead {
  readonly series: TempoDBSeries;
  readonly rollup: { readonly period: string; readonly folds: readonly string[] };
  readonly tz: string;
}

/** The point that was found in one period, and the whole period. */
export interface Found {
  readonly interval: DataRange;
  readonly found: DataPoint;
}

export interface FindHead {
  readonly predicate: { readonly function: string; readonly period: string };
  readonly tz: string;
}

export interface SingleValue {
  readonly series: TempoDBSeries;
  /** `null` where there is no such point. */
  readonly data: DataPoint | null;
  readonly tz: string;
}

/** Statistics of the stored points of a range; all zero where there are none. */
export interface Summary extends DataRange {
  readonly series: TempoDBSeries;
  readonly tz: string;
  /** `count mean min max stddev sum` */
  readonly summary: Readonly<Record<string, TempoDBValue>>;
}
