import { isAnySeriesError } from '../errors.ts';
import { defaultRetry, delayBeforeRetry } from '../write/backoff.ts';
import type { Delivery } from '../write/delivery.ts';
import type { Alarm } from './alarm.ts';
import type { Hooks } from './hooks.ts';
import { openRoad, verdictOfRefusal, type WriterSink } from './road.ts';

/** Opens the way to the backend when the first points are to go; again and again where that fails. */
export interface RoadOpener {
  road(): Delivery | undefined;
  /** It is being opened, or waits to be tried again. */
  isOpening(): boolean;
  /** It cannot be opened before somebody mends the settings or the credentials. */
  isRefused(): boolean;
  open(): void;
}

export interface RoadOpenerParts {
  readonly sink: WriterSink;
  readonly alarm: Alarm;
  readonly hooks: Hooks;
  now(): number;
  random(): number;
  /** Told when the way is open, or may be tried again. */
  changed(): void;
}

export function createRoadOpener({ sink, alarm, hooks, now, random, changed }: RoadOpenerParts): RoadOpener {
  let road: Delivery | undefined;
  let isOpening = false;
  let isRefused = false;
  let failures = 0;

  async function tryOnce(): Promise<void> {
    try {
      road = await openRoad(sink);
      isOpening = false;
      isRefused = false;
    } catch (error) {
      failures++;
      tell(error);
      const delay = delayBeforeRetry(defaultRetry, failures, undefined, random);
      alarm.at(now() + delay, () => {
        isOpening = false;
        changed();
      });
    }
    changed();
  }

  /** What somebody has to mend is told as a blockade, once. */
  function tell(error: unknown): void {
    const refusal = isAnySeriesError(error) && !error.retryable ? verdictOfRefusal(error) : undefined;
    if (refusal === undefined) hooks.error(error);
    else if (!isRefused) hooks.blocked({ why: refusal.kind === 'blocked' ? refusal.why : 'config', error: refusal.error });
    isRefused = refusal !== undefined;
  }

  return {
    road: () => road,
    isOpening: () => isOpening,
    isRefused: () => isRefused,
    open() {
      if (isOpening || road !== undefined) return;
      isOpening = true;
      void tryOnce();
    },
  };
}
