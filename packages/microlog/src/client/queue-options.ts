import type { AnySeriesError, RejectInfo } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';

/** A point of the queue. `time` is whole seconds. */
export interface QueuedPoint {
  readonly graph: string;
  readonly count: number;
  readonly time: number;
  readonly text: string;
}

/** Points that left the queue without having been sent, or without anybody knowing. */
export interface DroppedPoints {
  /** `full`: there was no room · `unknown-outcome`: they may be stored · else the reason of the writer that sends them */
  readonly reason: 'full' | RejectInfo['reason'];
  readonly count: number;
  /** The points; empty where the oldest went to make room. */
  readonly points: readonly QueuedPoint[];
  /** What the server, or the check that failed, said. */
  readonly message: string;
}

/** Options of the queue: those of the original `start`, and what it left to chance. */
export interface QueueOptions {
  /** The most points of the queue; 0, the default, is no limit. */
  readonly queueMaxsize?: number | undefined;
  /**
   * What `enque` does when the queue is full. `throw` (default): it fails as `full` · `block`: it answers a promise · `drop-newest`, as the original
   * did, and `drop-oldest`: a point is dropped, and `onDrop` is told
   */
  readonly onFull?: 'throw' | 'block' | 'drop-newest' | 'drop-oldest' | undefined;
  /** Whether the queue is sent every `postInterval` without being asked; default `false`. */
  readonly thread?: boolean | undefined;
  /** Seconds between the end of one sending and the next; default 20. */
  readonly postInterval?: number | undefined;
  /** Whether the process may end although the thread runs; what is queued then is sent at its end. Default `false`: `haltThread` ends it. */
  readonly daemon?: boolean | undefined;
  /** What becomes of counts with a fraction, which pages would garble: `reject` (default), `truncate` toward zero, or `round`. */
  readonly fractions?: 'reject' | 'truncate' | 'round' | undefined;
  /**
   * What becomes of points that may be stored, where the server does not remember what it has stored. `report` (default): they are given up, and
   * `onDrop` is told · `retry`: they are sent again, and may count twice · `drop`: they are given up
   */
  readonly onUnknown?: 'report' | 'retry' | 'drop' | undefined;
  /** Told of points that are given up. */
  readonly onDrop?: ((dropped: DroppedPoints) => void | Promise<void>) | undefined;
  /** Told of what goes wrong and is tried again: no connection, refused credentials, a wrong address. */
  readonly onError?: ((error: AnySeriesError) => void) | undefined;
}

type Optional = 'onDrop' | 'onError';

export type CheckedQueueOptions = { readonly [K in Exclude<keyof QueueOptions, Optional>]-?: NonNullable<QueueOptions[K]> } & {
  readonly [K in Optional]: QueueOptions[K];
};

export const queueOptionNames = [
  'queueMaxsize',
  'onFull',
  'thread',
  'postInterval',
  'daemon',
  'fractions',
  'onUnknown',
  'onDrop',
  'onError',
] as const satisfies readonly (keyof QueueOptions)[];

const choices = {
  onFull: ['throw', 'block', 'drop-newest', 'drop-oldest'],
  fractions: ['reject', 'truncate', 'round'],
  onUnknown: ['report', 'retry', 'drop'],
} as const;

/** @throws AnySeriesError `invalid` that names the option */
export function checkQueueOptions(options: QueueOptions): CheckedQueueOptions {
  const { queueMaxsize = 0, onFull = 'throw', thread = false, postInterval = 20 } = options;
  const { daemon = false, fractions = 'reject', onUnknown = 'report', onDrop, onError } = options;
  if (!Number.isSafeInteger(queueMaxsize)) throw invalid('queueMaxsize', `${show(queueMaxsize)} is no whole number of points`);
  if (!(postInterval > 0 && postInterval <= 2_000_000))
    throw invalid('postInterval', `${show(postInterval)} is no positive number of seconds`);
  for (const [name, value] of Object.entries({ thread, daemon }))
    if (typeof value !== 'boolean') throw invalid(name, `${show(value)} is neither true nor false`);
  for (const [name, value] of Object.entries({ onFull, fractions, onUnknown })) {
    const known: readonly string[] = choices[name as keyof typeof choices];
    if (!known.includes(value)) throw invalid(name, `${show(value)} is none of ${known.join(', ')}`);
  }
  for (const [name, value] of Object.entries({ onDrop, onError }))
    if (value !== undefined && typeof value !== 'function') throw invalid(name, `${show(value)} is no function`);
  return { queueMaxsize, onFull, thread, postInterval, daemon, fractions, onUnknown, onDrop, onError };
}
