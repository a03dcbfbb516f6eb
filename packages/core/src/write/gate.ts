/** Until when a backend asked to be left alone; shared by all that goes to one destination. */
export interface Gate {
  /** Keeps the gate closed for `ms` from now on; never shortens what was asked for before. */
  close(ms: number, now: number): void;
  /** How long it stays closed, in milliseconds; 0 when it is open. */
  closedFor(now: number): number;
}

export function createGate(): Gate {
  let closedAt = 0;
  let openAt = 0;

  function closedFor(now: number): number {
    // the clock was set back: what is left of the wait stays what it was
    if (now < closedAt) {
      openAt -= closedAt - now;
      closedAt = now;
    }
    return Math.max(0, openAt - now);
  }

  return {
    closedFor,
    close(ms, now) {
      openAt = now + Math.max(ms, closedFor(now));
      closedAt = now;
    },
  };
}
