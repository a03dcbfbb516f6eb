/** What applications use. Authors of providers import from `@anyseries/core/provider` as well. */
export {
  allTimes,
  type Capabilities,
  type OnDuplicate,
  type ReadCapability,
  type StoreCapabilities,
  storeCapabilities,
  type TimeResolution,
  type ValueKind,
  type ValueOf,
  type WriteCapability,
  type WriteLimits,
} from './capabilities.ts';
export { type Clock, systemClock } from './clock.ts';
export { type CopyOptions, type CopyProgress, type CopyReport, copy } from './copy.ts';
export { AnySeriesError, type ErrorCode, isAnySeriesError, type Rejection, type WriteOutcome } from './errors.ts';
export { type MirrorOptions, mirror } from './mirror.ts';
export type { Point, PointInput, Value } from './point.ts';
export { type PointBatch, pointAt, valueAt } from './point-batch.ts';
export type { Columns, PointStream } from './point-stream.ts';
export { type CheckResult, type Provider, type ProviderIdentity, specVersion } from './provider-type.ts';
export type { DeleteRequest, ReadQuery, Rollup, SeriesSelector } from './query.ts';
export type { RollupFunction, RollupFunctionName } from './rollup/functions.ts';
export type { Interval, IntervalUnit } from './rollup/interval.ts';
export type { Series, SeriesFilter, SeriesInput } from './series.ts';
export { parseSeriesKey, type SeriesKeyParts, seriesKey } from './series-key.ts';
export type { SeriesRef } from './series-ref.ts';
export type { CallOptions, Closable, Points, TimeSeriesSink, WriteResult } from './sink.ts';
export type { Gap, SeriesStream, Subscription, TimeSeriesSource } from './source.ts';
export type { IncrementOptions, Json, ListOptions, PutOptions, Records, Store, StoredRecord, Transaction } from './store.ts';
export { type InstantLike, type TimeInput, toTime } from './time.ts';
export type { Distribution, RetryClass, WriterMetrics } from './writer/metrics.ts';
export type { Block, RejectInfo, WriterOptions } from './writer/options.ts';
export type { RejectReason, Report } from './writer/report.ts';
export type { Meter, Span, Tracer } from './writer/telemetry.ts';
export type { Ticket, TicketOutcome } from './writer/ticket.ts';
export { type AnySink, createWriter, type SinkValue, type Writer } from './writer/writer.ts';
