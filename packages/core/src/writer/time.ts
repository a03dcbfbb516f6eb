import type { Clock } from '../clock.ts';

/** Milliseconds that never go back: where the clock is set back, time stands still for a moment and goes on from there. */
export interface SteadyTime {
  now(): number;
  /** It is at least that late: a timer says so, whatever the clock says. */
  reach(time: number): void;
}

export function createSteadyTime(clock: Clock): SteadyTime {
  let last = clock.now();
  let ahead = 0;

  function now(): number {
    const read = clock.now();
    if (read < last) ahead += last - read;
    last = read;
    return read + ahead;
  }

  return {
    now,
    reach(time) {
      const missing = time - now();
      if (missing > 0) ahead += missing;
    },
  };
}
