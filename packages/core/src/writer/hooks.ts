import { AnySeriesError, isAnySeriesError } from '../errors.ts';
import type { PointInput } from '../point.ts';
import type { Alarm } from './alarm.ts';
import type { Metrics } from './metrics.ts';
import type { Block, RejectInfo, ResolvedOptions } from './options.ts';
import type { WriterEvent } from './telemetry.ts';

/** So long `onReject` is waited for. */
const hookMs = 10_000;

/** The caller's functions, which may do what they want: their failures are counted and told, and change nothing. */
export interface Hooks {
  /** Hands points over. Answers a promise only where the hook does. */
  reject(count: number, points: () => readonly PointInput[], info: RejectInfo): void | Promise<void>;
  /** Resolves when every call of `onReject` has had its end. */
  settled(): Promise<void>;
  /** How many points were given up that nobody took. */
  untold(): number;
  blocked(block: Block): void;
  error(error: unknown): void;
}

export interface HooksParts {
  readonly options: Pick<ResolvedOptions, 'onReject' | 'onBlocked' | 'onError'>;
  readonly alarm: Alarm;
  readonly metrics: Metrics;
  now(): number;
  publish(event: WriterEvent, message: () => object): void;
}

export function createHooks({ options, alarm, metrics, now, publish }: HooksParts): Hooks {
  const { onReject, onBlocked, onError } = options;
  const running = new Set<Promise<void>>();
  let untold = 0;

  function error(cause: unknown): void {
    const told = isAnySeriesError(cause) ? cause : new AnySeriesError('protocol', `the writer met ${String(cause)}`, { cause });
    publish('error', () => ({ error: told }));
    try {
      onError?.(told);
    } catch {
      metrics.add('hookFailures', 1);
    }
  }

  function failed(name: string, cause: unknown): void {
    metrics.add('hookFailures', 1);
    const what = cause instanceof Error ? cause.message : String(cause);
    error(new AnySeriesError('protocol', `${name} failed: ${what}`, { cause }));
  }

  function bounded(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = alarm.at(now() + hookMs, () => reject(new Error(`no end within ${hookMs} ms`)));
      work.then(resolve, reject).finally(cancel);
    });
  }

  return {
    error,
    untold: () => untold,
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    reject(count, points, info) {
      publish('rejected', () => ({ points: count, ...info }));
      const refused = (cause: unknown) => {
        untold += count;
        failed('onReject', cause);
      };
      if (onReject === undefined) {
        untold += count;
        return;
      }
      try {
        const answer = onReject(points(), info);
        if (answer === undefined) return;
        const call = bounded(Promise.resolve(answer))
          .catch(refused)
          .finally(() => running.delete(call));
        running.add(call);
        return call;
      } catch (cause) {
        refused(cause);
      }
    },
    blocked(block) {
      publish('blocked', () => block);
      try {
        onBlocked?.(block);
      } catch (cause) {
        failed('onBlocked', cause);
      }
    },
  };
}
