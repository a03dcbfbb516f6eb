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
  /** Hands points over. Answers whether somebody took them; a promise only where the hook answers one. */
  reject(points: readonly PointInput[], info: RejectInfo): boolean | Promise<boolean>;
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

  function error(cause: unknown): void {
    const told = isAnySeriesError(cause) ? cause : new AnySeriesError('protocol', `the writer met ${String(cause)}`, { cause });
    publish('error', () => ({ error: told }));
    try {
      onError?.(told);
    } catch {
      metrics.add('hookFailures', 1);
    }
  }

  function failed(name: string, cause: unknown): false {
    metrics.add('hookFailures', 1);
    const what = cause instanceof Error ? cause.message : String(cause);
    error(new AnySeriesError('protocol', `${name} failed: ${what}`, { cause }));
    return false;
  }

  function bounded(work: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = alarm.at(now() + hookMs, () => resolve(failed('onReject', `no end within ${hookMs} ms`)));
      work
        .then(
          () => resolve(true),
          (cause: unknown) => resolve(failed('onReject', cause)),
        )
        .finally(cancel);
    });
  }

  return {
    error,
    reject(points, info) {
      publish('rejected', () => ({ points: points.length, ...info }));
      if (onReject === undefined) return false;
      try {
        const answer = onReject(points, info);
        return answer === undefined ? true : bounded(Promise.resolve(answer));
      } catch (cause) {
        return failed('onReject', cause);
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
