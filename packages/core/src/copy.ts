import type { StoreCapabilities } from './capabilities.ts';
import { checkSpecVersion } from './define-provider.ts';
import { AnySeriesError, invalid, type Rejection, show } from './errors.ts';
import { checkObject, checkSignal } from './options.ts';
import { pointAt } from './point-batch.ts';
import type { Provider } from './provider-type.ts';
import type { ReadQuery, SeriesSelector } from './query.ts';
import type { TimeSeriesSink } from './sink.ts';
import type { TimeSeriesSource } from './source.ts';
import type { TimeInput } from './time.ts';

export interface CopyOptions {
  /** Which series; default all that the source lists. */
  readonly series?: SeriesSelector | undefined;
  readonly start?: TimeInput | undefined;
  readonly end?: TimeInput | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after each page. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

export interface CopyProgress {
  /** Series whose metadata was copied. */
  readonly series: number;
  readonly pointsRead: number;
  /** Stored or accepted by the sink. */
  readonly pointsWritten: number;
}

export interface CopyReport extends CopyProgress {
  /** Points that the sink refused, with series and time in the message. */
  readonly rejected: readonly Rejection[];
}

type Source = TimeSeriesSource & Pick<Provider, 'capabilities' | 'specVersion'>;
type Sink = TimeSeriesSink & Pick<Provider, 'capabilities' | 'specVersion'>;

/**
 * Copies series from a source to a sink: points of a range, and the metadata where both keep it. It may be run again where the sink overwrites.
 *
 * @throws AnySeriesError of the side that failed; its message begins with `source:` or `sink:`
 */
export async function copy(source: Source, sink: Sink, options: CopyOptions = {}): Promise<CopyReport> {
  checkSpecVersion(source, 'source');
  checkSpecVersion(sink, 'sink');
  const {
    series = {},
    start,
    end,
    signal,
    onProgress,
  } = checkObject(options, ['series', 'start', 'end', 'signal', 'onProgress'], 'options') as CopyOptions;
  checkSignal(signal, 'options.signal');
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw invalid('options.onProgress', `${show(onProgress)} is no function`);
  const report = { series: 0, pointsRead: 0, pointsWritten: 0, rejected: [] as Rejection[] };
  if (source.capabilities.read?.series && sink.capabilities.write?.putSeries) await copyMetadata();
  const query: ReadQuery = { series, start, end, signal };
  const pages = source.read(query).pages()[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = await onSide('source', pages.next());
      if (next.done) return report;
      const page = next.value;
      const result = await onSide('sink', sink.write(page, { signal }));
      for (const { index, code, message } of result.rejected) {
        const { series: key, time } = pointAt(page, index);
        report.rejected.push({ index: report.pointsRead + index, code, message: `${show(key)} at ${time}: ${message}` });
      }
      report.pointsRead += page.length;
      report.pointsWritten += result.stored + result.unconfirmed;
      tell();
    }
  } finally {
    await pages.return?.();
  }

  async function copyMetadata(): Promise<void> {
    const filter = typeof series === 'string' ? { keys: [series] } : isKeyList(series) ? { keys: series } : series;
    const listing = (source as Source & Partial<TimeSeriesSource<StoreCapabilities>>).series!(filter, { signal });
    const target = sink as Sink & Partial<TimeSeriesSink<StoreCapabilities>>;
    const iterator = listing[Symbol.asyncIterator]();
    for (let next = await onSide('source', iterator.next()); !next.done; next = await onSide('source', iterator.next())) {
      const { key, name, attributes, tags } = next.value;
      await onSide('sink', target.putSeries!({ key, name, attributes, tags }, { signal }));
      report.series++;
      tell();
    }
  }

  function tell(): void {
    const { series: copied, pointsRead, pointsWritten } = report;
    onProgress?.({ series: copied, pointsRead, pointsWritten });
  }
}

function isKeyList(series: SeriesSelector): series is readonly string[] {
  return Array.isArray(series);
}

async function onSide<T>(side: 'source' | 'sink', work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, retryable, retryAfterMs, provider, outcome } = error as AnySeriesError;
    throw new AnySeriesError(code ?? 'protocol', `${side}: ${(error as Error).message}`, {
      retryable,
      retryAfterMs,
      provider,
      outcome,
      cause: error,
    });
  }
}
