import type { Clock } from '@anyseries/core';

/** A clock that moves only when it is told to or, if automatic, when everybody waits for a timer. */
export interface VirtualClock extends Clock {
  /** Moves time forward and calls back what has become due, in order. */
  advance(ms: number): Promise<void>;
  /** Keeps an automatic clock from moving until the answer is called: something real is under way. */
  hold(): () => void;
  /** No callback comes any more. */
  stop(): void;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** How many turns of the event loop must pass without anything happening before an automatic clock moves on. */
const quietTurns = 6;

/**
 * A virtual clock. An automatic one jumps to its earliest timer as soon as nothing real is under way, so that code which waits for
 * seconds runs in milliseconds, and in the same order each time.
 */
export function createVirtualClock({ start, automatic }: { readonly start: number; readonly automatic: boolean }): VirtualClock {
  let now = start;
  let timers: Timer[] = [];
  let holds = 0;
  let activity = 0;
  let pumping = false;
  let stopped = false;

  function fireEarliest(until: number): boolean {
    const earliest = timers.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    );
    if (earliest === undefined || earliest.at > until) return false;
    timers = timers.filter((timer) => timer !== earliest);
    now = Math.max(now, earliest.at);
    earliest.callback();
    return true;
  }

  async function pump(): Promise<void> {
    if (pumping || !automatic) return;
    pumping = true;
    while (timers.length > 0 && holds === 0 && !stopped) {
      if (await isQuiet()) fireEarliest(Number.POSITIVE_INFINITY);
    }
    pumping = false;
  }

  async function isQuiet(): Promise<boolean> {
    const before = activity;
    for (let turn = 0; turn < quietTurns; turn++) await nextTurn();
    return activity === before && holds === 0 && !stopped;
  }

  return {
    now: () => now,
    setTimer(callback, ms) {
      const timer = { at: now + Math.max(0, ms), callback };
      timers.push(timer);
      activity++;
      void pump();
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = now + ms;
      while (fireEarliest(until)) await nextTurn();
      now = until;
      await nextTurn();
    },
    hold() {
      holds++;
      let held = true;
      return () => {
        if (held) holds--;
        held = false;
        activity++;
        void pump();
      };
    },
    stop() {
      stopped = true;
      timers = [];
    },
  };
}

/** Lets the event loop do what it has to do: every promise and every finished operation gets its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
