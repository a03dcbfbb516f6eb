import type { Clock } from '../../src/index.ts';

/** A clock that moves only when it is told to. */
export interface ManualClock extends Clock {
  /** Moves time forward and calls back what has become due, in order; everything that follows gets its turn. */
  advance(ms: number): Promise<void>;
  /** Sets the clock forward or back, as an operator does: no timer hears of it. */
  set(byMs: number): void;
  /** Whether it was set. */
  wasSet(): boolean;
  /** Milliseconds since the start as somebody sees them who does not believe in time that goes back. */
  seen(): number;
  /** Milliseconds since the start as they were. */
  elapsed(): number;
  /** Another view of the same clock, with timers of its own to count. */
  view(): ClockView;
}

export interface ClockView extends Clock {
  /** Timers that were set here and have neither called back nor been cancelled. */
  live(): number;
  /** Of these, those that would keep a process alive. */
  liveInForeground(): number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export function createManualClock(start = 1_000_000): ManualClock {
  let elapsed = 0;
  let offset = start;
  let forward = 0;
  let wasSet = false;
  const timers = new Set<Timer>();

  function setTimer(callback: () => void, ms: number): () => void {
    const timer = { at: elapsed + Math.max(0, ms), callback };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  function view(): ClockView {
    const own = new Map<object, boolean>();
    return {
      now: () => elapsed + offset,
      setTimer(callback, ms, options) {
        const handle = {};
        own.set(handle, options?.background === true);
        const cancel = setTimer(() => {
          own.delete(handle);
          callback();
        }, ms);
        return () => {
          own.delete(handle);
          cancel();
        };
      },
      live: () => own.size,
      liveInForeground: () => [...own.values()].filter((isBackground) => !isBackground).length,
    };
  }

  return {
    now: () => elapsed + offset,
    setTimer,
    view,
    set(byMs) {
      offset += byMs;
      forward += Math.max(0, byMs);
      wasSet = true;
    },
    wasSet: () => wasSet,
    seen: () => elapsed + forward,
    elapsed: () => elapsed,
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let next = earliest(until); next !== undefined; next = earliest(until)) {
        timers.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.callback();
        await settle();
      }
      elapsed = until;
    },
  };

  function earliest(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }
}

/** Lets everything happen that needs no time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
