import {
  type CallOptions,
  type Capabilities,
  createWriter,
  isAnySeriesError,
  type PointBatch,
  type PointInput,
  type RejectInfo,
  systemClock,
} from '@anyseries/core';
import { type Backend, checkCallOptions, checkObject, defineProvider, invalid, show, type Verdict } from '@anyseries/core/provider';
import { gatewayCapabilities, originalCapabilities } from '../capabilities.ts';
import type { CheckedSettings } from '../settings.ts';
import { notedCount } from '../wire/encode-batch.ts';
import { graphField, textField } from './fields.ts';
import type { CheckedQueueOptions, DroppedPoints, QueuedPoint } from './queue-options.ts';
import { createTally, type DispatchReport } from './tally.ts';

/** The queue of a client, with its thread. */
export interface Queue {
  /**
   * Puts a point into the queue. Answers a promise only where it has to wait for room.
   *
   * @param graph the id of the graph
   * @param count a whole number; see the option `fractions`
   * @param time seconds since the epoch, finer digits cut off, or a `Date`; left out, or null: the current second
   * @throws AnySeriesError `invalid` that names what is wrong, `full`, `closed`
   */
  enque(graph: string, count?: number, time?: number | Date | null, options?: { readonly text?: string | undefined }): void | Promise<void>;
  /**
   * Sends what is in the queue, and tells what became of it. Nothing is given up because the server cannot be reached: after `deadlineMs` (default
   * 30,000), or as soon as the server refuses the credentials, the report says what is kept, and the sending goes on.
   */
  dispatch(options?: CallOptions): Promise<DispatchReport>;
  /** Ends the thread after one more dispatch. The queue stays, and later points wait for `dispatch`. */
  haltThread(options?: CallOptions): Promise<DispatchReport>;
  /** Sends what is in the queue and ends it; what cannot be sent in time is in `unsent` of the report. */
  close(options?: CallOptions): Promise<DispatchReport>;
}

const unlimited = Number.MAX_SAFE_INTEGER;
const dispatchDeadlineMs = 30_000;

/** Times above are milliseconds that were taken for seconds: the year 5138 is not meant. */
const mostSeconds = 1e11;

/** @param isAsked whether it is not known what kind of server it is */
export function createQueue(settings: CheckedSettings, isAsked: boolean, options: CheckedQueueOptions): Queue {
  const { onFull, queueMaxsize, fractions, onUnknown, onDrop, onError } = options;
  const { clock = systemClock, random } = settings.provider;
  const tally = createTally();
  const watchers = new Set<(verdict: Verdict) => void>();

  const sink = defineProvider({
    id: 'microlog',
    capabilities: capabilitiesOf(settings),
    settings: settings.provider,
    async open(): Promise<Backend> {
      const { openQueueBackend } = await import('./queue-backend.ts');
      const backend = openQueueBackend(settings.connection(), isAsked);
      return { ...backend, send: async (batch, attempt) => watch(batch, await backend.send!(batch, attempt)) };
    },
  });
  const writer = createWriter(sink, {
    linger: Number.POSITIVE_INFINITY,
    maxBufferedPoints: queueMaxsize > 0 ? queueMaxsize : unlimited,
    maxBufferedBytes: unlimited,
    configPatience: Number.POSITIVE_INFINITY,
    onFull: onFull === 'block' ? 'wait' : onFull === 'drop-oldest' ? 'drop-oldest' : 'reject',
    ambiguous: onUnknown === 'retry' ? 'retry' : 'reject',
    onLoss: 'report',
    onReject: giveUp,
    onBlocked: ({ error }) => onError?.(error),
    // left out where nobody listens: then the process itself warns of points that it could not send at its end
    onError,
    clock,
    random,
  });
  let stopThread = options.thread ? startThread() : undefined;

  function watch(batch: PointBatch, verdict: Verdict): Verdict {
    if (verdict.kind === 'ok') tally.sent(batch);
    if (verdict.kind === 'items') tally.sent(batch, new Set([...verdict.rejected.map(({ index }) => index), ...(verdict.keep ?? [])]));
    if (verdict.kind === 'retry' || verdict.kind === 'blocked') tally.failed(verdict.error);
    for (const watcher of watchers) watcher(verdict);
    return verdict;
  }

  function giveUp(points: readonly PointInput[], { reason, excerpt }: RejectInfo): void | Promise<void> {
    const dropped = points.map(toQueuedPoint);
    const isUnknown = reason === 'unknown-outcome';
    for (const { graph } of dropped) tally[isUnknown ? 'unknown' : 'dropped'](graph);
    if (!isUnknown || onUnknown !== 'drop') return tell({ reason, points: dropped, message: excerpt });
  }

  function tell(dropped: Omit<DroppedPoints, 'count'>): void | Promise<void> {
    return onDrop?.({ ...dropped, count: dropped.points.length });
  }

  function put(point: QueuedPoint): void | Promise<void> {
    const { graph, count, time, text } = point;
    const input = { series: graph, time: time * 1000, value: text === '' ? count : notedCount(count, text) };
    if (onFull === 'drop-oldest') return follow(point, input);
    try {
      const waiting = writer.write(input);
      tally.enqued(graph);
      return waiting;
    } catch (error) {
      if (onFull !== 'drop-newest' || !isAnySeriesError(error) || error.code !== 'full') throw error;
      tally.enqued(graph);
      overflow(point);
    }
  }

  /** The writer alone knows which point goes to make room. */
  function follow(point: QueuedPoint, input: PointInput<number | string>): void {
    tally.enqued(point.graph);
    void writer.offer(input).done.then(({ dropped }) => {
      if (dropped.length > 0) overflow(point);
    });
  }

  function overflow(point: QueuedPoint): void {
    tally.dropped(point.graph);
    void tell({ reason: 'full', points: [point], message: `the queue holds ${queueMaxsize} points` });
  }

  function startThread(): () => void {
    const { postInterval, daemon } = options;
    let isHalted = false;
    let cancel = sleep();

    function sleep(): () => void {
      return clock.setTimer(() => void dispatch().then(next, next), postInterval * 1000, { background: daemon });
    }

    function next(): void {
      if (!isHalted) cancel = sleep();
    }

    return () => {
      isHalted = true;
      cancel();
    };
  }

  async function dispatch(given?: CallOptions): Promise<DispatchReport> {
    const { signal, deadlineMs = dispatchDeadlineMs } = checkCallOptions(given);
    const refused = new AbortController();
    const watcher = ({ kind }: Verdict) => kind === 'blocked' && refused.abort();
    watchers.add(watcher);
    try {
      await writer.flush({ deadlineMs, signal: signal === undefined ? refused.signal : AbortSignal.any([signal, refused.signal]) });
    } catch (error) {
      if (!refused.signal.aborted || signal?.aborted) throw error;
    } finally {
      watchers.delete(watcher);
    }
    return tally.report();
  }

  return {
    enque(graph, count = 1, time, more = {}) {
      const { text = '' } = checkObject(more, ['text'], 'options');
      return put({
        graph: graphField(graph),
        count: wholeCount(count, fractions),
        time: time === undefined || time === null ? Math.floor(clock.now() / 1000) : wholeSeconds(time),
        text: textField(text, 'options.text'),
      });
    },
    dispatch,
    async haltThread(given) {
      stopThread?.();
      stopThread = undefined;
      return dispatch(given);
    },
    async close(given) {
      stopThread?.();
      stopThread = undefined;
      const { unsent } = await writer.close(given);
      await sink.close();
      return { ...tally.report(), unsent: unsent().map(toQueuedPoint) };
    },
  };
}

/** Besides whole numbers the queue sends such with a note, which are texts to the writer. */
function capabilitiesOf({ server }: CheckedSettings) {
  const { write, ...kept } = server === 'gateway' ? gatewayCapabilities : originalCapabilities;
  return { ...kept, write, values: ['integer', 'string'] } as const satisfies Capabilities;
}

function wholeCount(count: unknown, fractions: CheckedQueueOptions['fractions']): number {
  if (typeof count !== 'number' || !Number.isFinite(count)) throw invalid('count', `${show(count)} is no number`);
  const whole = Number.isInteger(count)
    ? count
    : fractions === 'truncate'
      ? Math.trunc(count)
      : fractions === 'round'
        ? Math.round(count)
        : NaN;
  if (Number.isSafeInteger(whole)) return whole;
  if (Number.isNaN(whole))
    throw invalid('count', `${count} has a fraction, which pages would cut off: round it, or set the option 'fractions'`);
  throw invalid('count', `${count} is beyond 2^53, from where on whole numbers are not exact`);
}

function wholeSeconds(time: unknown): number {
  const seconds = time instanceof Date ? time.getTime() / 1000 : time;
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) throw invalid('time', `${show(time)} is no number of seconds, and no Date`);
  if (Math.abs(seconds) > mostSeconds) throw invalid('time', `${seconds} is too large for seconds since the epoch: these are milliseconds`);
  return Math.floor(seconds);
}

function toQueuedPoint({ series, time, value }: PointInput): QueuedPoint {
  const text = String(value);
  const blank = typeof value === 'string' ? text.indexOf(' ') : text.length;
  return {
    graph: typeof series === 'string' ? series : series.key,
    count: Number(text.slice(0, blank)),
    time: Number(time) / 1000,
    text: text.slice(blank + 1),
  };
}
