/** When to try again, and when to give up. */
export interface RetryPolicy {
  /** The most attempts at the same request; waiting because the backend asked for it counts none. Default 5. */
  readonly maxAttempts: number;
  /** Delay before the second attempt; doubled for each further one. Milliseconds, default 250. */
  readonly minDelayMs: number;
  /** Upper bound of the delay. Milliseconds, default 30,000. */
  readonly maxDelayMs: number;
}

export const defaultRetry: RetryPolicy = { maxAttempts: 5, minDelayMs: 250, maxDelayMs: 30_000 };

/** No backend is waited for longer than this because of its `Retry-After`. */
const maxRetryAfterMs = 300_000;

/** The delay before the next attempt: exponential, drawn from [half, full]; never before what the backend asked for, plus up to 10 %. */
export function delayBeforeRetry(policy: RetryPolicy, attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const full = Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (attempt - 1));
  const own = full * (0.5 + random() / 2);
  if (retryAfterMs === undefined) return own;
  const asked = Math.min(Math.max(retryAfterMs, 0), maxRetryAfterMs);
  return Math.max(own, asked * (1 + random() / 10));
}
