/** Time, as everything in anyseries takes it. Tests give their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once after `ms`; the answer cancels it. */
  setTimer(callback: () => void, ms: number, options?: TimerOptions): () => void;
}

export interface TimerOptions {
  /** The timer alone does not keep the process alive. Default false: what a caller awaits must come. */
  readonly background?: boolean;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, ms, options) {
    const timer = setTimeout(callback, ms);
    // browsers answer a number, which keeps nothing alive
    if (options?.background === true) (timer as { unref?(): void }).unref?.();
    return () => clearTimeout(timer);
  },
};
