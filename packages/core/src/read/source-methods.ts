import type { Backend, CallContext, ReadRequest } from '../backend.ts';
import type { Capabilities } from '../capabilities.ts';
import { AnySeriesError } from '../errors.ts';
import { checkCallOptions, checkObject, checkSignal } from '../options.ts';
import type { Point } from '../point.ts';
import { type PointBatch, pointAt } from '../point-batch.ts';
import type { PointStream } from '../point-stream.ts';
import type { SeriesSelector } from '../query.ts';
import type { FoldRequest } from '../rollup/fold.ts';
import { loadFold } from '../rollup/load-fold.ts';
import type { Runtime } from '../runtime.ts';
import type { Series, SeriesFilter } from '../series.ts';
import type { CallOptions } from '../sink.ts';
import type { SeriesStream, Subscription } from '../source.ts';
import { unsupported, unsupportedError } from '../unsupported.ts';
import { type CheckedQuery, checkFilter, checkQuery, checkSelector } from './check-query.ts';
import { createPointStream } from './stream.ts';
import { createSubscription } from './subscription.ts';

/** Whether the backend computes a rollup of a declared function by itself. */
export type RollsUp = (rollup: FoldRequest, descending: boolean) => boolean;

/** The methods of a source over a backend; those that the capabilities do not declare refuse. */
export function createSourceMethods(runtime: Runtime, capabilities: Capabilities, rollsUp: RollsUp = () => true) {
  const { read } = capabilities;
  const refuse = (method: string) => unsupported(runtime.id, method);
  if (read === undefined) {
    return { read: refuse('read'), series: refuse('series'), latest: refuse('latest'), subscribe: refuse('subscribe') };
  }
  const { maxBytes } = capabilities.keys;

  /** Pulls a backend's pages one call at a time, so that each pull is bound by signal, deadline and close. */
  async function* pull<T>(options: CallOptions, start: (backend: Backend, context: CallContext) => AsyncIterable<T>): AsyncGenerator<T> {
    const stop = new AbortController();
    let iterator: AsyncIterator<T> | undefined;
    const release = runtime.onClose(() => stop.abort(new AnySeriesError('closed', `this ${runtime.id} was closed while it was read`)));
    try {
      while (true) {
        if (stop.signal.aborted) throw stop.signal.reason;
        const next = await runtime.call(options, async (backend, { clock }) => {
          iterator ??= start(backend, { clock, signal: stop.signal })[Symbol.asyncIterator]();
          return iterator.next();
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      release();
      stop.abort(new AnySeriesError('aborted', 'the read was ended'));
      // what is still being fetched ends with the signal above; nobody waits for it
      iterator?.return?.()?.catch(() => {});
    }
  }

  async function keysOf(selector: SeriesSelector, options: CallOptions): Promise<readonly string[]> {
    if (typeof selector === 'string') return [selector];
    if (isKeyList(selector)) return selector;
    if (!read?.series) throw unsupportedError(runtime.id, 'series (a filter needs the listing of series)');
    const keys: string[] = [];
    for await (const page of pull(options, (backend, context) => backend.series!(selector, context)))
      for (const { key } of page) keys.push(key);
    return keys;
  }

  async function* pagesOf(query: CheckedQuery, byBackend: boolean): AsyncGenerator<PointBatch> {
    const options = { signal: query.signal };
    const keys = await keysOf(query.series, options);
    if (keys.length === 0 || query.limit === 0 || query.start === query.end) return;
    if (query.merge && keys.length > 1) {
      const { mergeByTime } = await import('./merge.ts');
      yield* mergeByTime(
        keys.map((key) => seriesPages([key])),
        query.descending,
      );
    } else {
      yield* seriesPages(keys);
    }

    async function* seriesPages(selected: readonly string[]): AsyncGenerator<PointBatch> {
      const { start, end, descending, limit, rollup } = query;
      const request: ReadRequest = { keys: selected, start, end, descending, limit };
      if (rollup === undefined || byBackend) {
        const asked = rollup === undefined ? request : { ...request, rollup };
        return yield* pull(options, (backend, context) => backend.read!(asked, context));
      }
      const { foldPages } = await loadFold();
      const raw = pull(options, (backend, context) => backend.read!({ ...request, limit: Number.POSITIVE_INFINITY }, context));
      yield* foldPages(raw, rollup, { descending, limit, lastKey: selected.at(-1) });
    }
  }

  async function latest(series: unknown, options?: unknown): Promise<Point | undefined | Point[]> {
    const selector = checkSelector(series, maxBytes);
    const checked = checkCallOptions(options);
    const keys = await keysOf(selector, checked);
    const batch = await runtime.call(checked, (backend, context) => backend.latest!(keys, context));
    const points = Array.from({ length: batch.length }, (_, row) => pointAt(batch, row));
    return typeof selector === 'string' ? points[0] : points;
  }

  function series(filter: unknown = {}, options?: unknown): SeriesStream {
    runtime.checkOpen();
    const checkedFilter = checkFilter(filter, 'filter', maxBytes);
    const checkedOptions = checkCallOptions(options);
    async function* each(): AsyncGenerator<Series> {
      for await (const page of pull(checkedOptions, (backend, context) => backend.series!(checkedFilter, context))) yield* page;
    }
    return { [Symbol.asyncIterator]: each, toArray: () => Array.fromAsync(each()) };
  }

  function subscribe(filter: unknown = {}, options: unknown = {}): Subscription {
    runtime.checkOpen();
    const checked = checkFilter(filter, 'filter', maxBytes);
    const signal = checkSignal(checkObject(options, ['signal'], 'options').signal, 'options.signal');
    let stop = () => {};
    let ended = false;
    const feed = createSubscription(runtime.clock, () => {
      ended = true;
      stop();
      release();
      signal?.removeEventListener('abort', abort);
    });
    const abort = () => feed.end(new AnySeriesError('aborted', 'the subscription was aborted', { cause: signal?.reason }));
    const release = runtime.onClose(() => feed.end());
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    listen(checked, feed.listener).then((started) => {
      stop = started;
      if (ended) stop();
    }, feed.end);
    return feed.subscription;
  }

  async function listen(filter: SeriesFilter, listener: Parameters<NonNullable<Backend['subscribe']>>[1]): Promise<() => void> {
    return (await runtime.backend()).subscribe!(filter, listener);
  }

  return {
    read(query: unknown): PointStream {
      runtime.checkOpen();
      const checked = checkQuery(query, capabilities);
      const { rollup, descending } = checked;
      const byBackend = rollup !== undefined && (read.rollups ?? []).includes(rollup.fn.name) && rollsUp(rollup, descending);
      const rollupBy = rollup === undefined ? undefined : byBackend ? 'backend' : 'core';
      return createPointStream(rollupBy, () => pagesOf(checked, byBackend));
    },
    series: read.series ? series : refuse('series'),
    latest: read.latest ? latest : refuse('latest'),
    subscribe: read.subscribe ? subscribe : refuse('subscribe'),
  };
}

function isKeyList(selector: SeriesSelector): selector is readonly string[] {
  return Array.isArray(selector);
}
