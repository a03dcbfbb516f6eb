import type { Clock } from '../clock.ts';

/** Milliseconds that never go back: where the clock is set back, time stands still for a moment and goes on from there. */
export function createSteadyTime(clock: Clock): () => number {
  let last = clock.now();
  let ahead = 0;
  return () => {
    const now = clock.now();
    if (now < last) ahead += last - now;
    last = now;
    return now + ahead;
  };
}
