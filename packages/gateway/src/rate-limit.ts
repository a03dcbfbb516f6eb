import { isIPv6 } from 'node:net';
import type { Clock } from '@anyseries/core';
import type { RateLimit } from './configuration.ts';

/** Counts what each remote address asks for. */
export interface RateLimiter {
  /** Takes one request; answers 0, or the whole seconds after which there is room for it. */
  take(remoteAddress: string): number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** After so many addresses those are forgotten that have not asked since as many others did; a forgotten one has a full bucket. */
const mostRecent = 10_000;

export function createRateLimiter({ perSecond, burst = Math.max(1, Math.ceil(perSecond)) }: RateLimit, clock: Clock): RateLimiter {
  let recent = new Map<string, Bucket>();
  let earlier: ReadonlyMap<string, Bucket> = new Map();

  function bucketOf(client: string, now: number): Bucket {
    const known = recent.get(client);
    if (known !== undefined) return known;
    if (recent.size === mostRecent) {
      earlier = recent;
      recent = new Map();
    }
    const bucket = earlier.get(client) ?? { tokens: burst, filledAt: now };
    recent.set(client, bucket);
    return bucket;
  }

  return {
    take(remoteAddress) {
      const now = clock.now();
      const bucket = bucketOf(clientOf(remoteAddress), now);
      const gained = (Math.max(0, now - bucket.filledAt) / 1000) * perSecond;
      bucket.tokens = Math.min(burst, bucket.tokens + gained);
      bucket.filledAt = now;
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond);
      bucket.tokens--;
      return 0;
    },
  };
}

/** An IPv6 network of 64 bits belongs to one client, which could else take another address for every request. */
function clientOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const groups = address.includes('::') ? [...before, ...Array(8 - before.length - after.length).fill('0'), ...after] : before;
  return groups.slice(0, 4).join(':');
}
