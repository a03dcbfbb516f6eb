import type { Clock } from '../src/clock.ts';

/** A clock that stands still while anything happens, and jumps to its next timer when nothing does. Records how long was waited. */
export function createFakeClock(start = 1_000_000): Clock & { readonly jumps: number[] } {
  let now = start;
  const timers = new Set<{ at: number; callback: () => void }>();
  const jumps: number[] = [];
  let idleTurns = 0;
  let watching = false;

  function watch(): void {
    idleTurns++;
    if (timers.size === 0) {
      watching = false;
      return;
    }
    if (idleTurns > 3) {
      const next = [...timers].reduce((earliest, timer) => (timer.at < earliest.at ? timer : earliest));
      timers.delete(next);
      jumps.push(next.at - now);
      now = Math.max(now, next.at);
      idleTurns = 0;
      next.callback();
    }
    setImmediate(watch);
  }

  return {
    jumps,
    now: () => now,
    setTimer(callback, ms) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      idleTurns = 0;
      if (!watching) {
        watching = true;
        setImmediate(watch);
      }
      return () => {
        timers.delete(timer);
        idleTurns = 0;
      };
    },
  };
}
