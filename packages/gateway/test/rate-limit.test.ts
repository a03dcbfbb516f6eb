import { expect, test } from 'vitest';
import { createRateLimiter } from '../src/rate-limit.ts';

test('a million addresses do not fill the memory, and those that ask most recently are remembered', () => {
  const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, { now: () => 0, setTimer: () => () => {} });
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000_000; i++) limiter.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  globalThis.gc?.();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
  expect(limiter.take('10.15.66.63')).toBe(1);
  expect(limiter.take('10.0.0.1')).toBe(0);
});

test('an address is remembered while fewer than ten thousand others ask', () => {
  const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, { now: () => 0, setTimer: () => () => {} });
  for (let i = 0; i < 9990; i++) limiter.take(`early-${i}`);
  limiter.take('a');
  for (let i = 0; i < 9990; i++) limiter.take(`late-${i}`);
  expect(limiter.take('a')).toBe(1);
});

test('a clock that goes back takes nothing away', () => {
  let now = 10_000;
  const limiter = createRateLimiter({ perSecond: 1, burst: 2 }, { now: () => now, setTimer: () => () => {} });
  expect(limiter.take('a')).toBe(0);
  now = 0;
  expect(limiter.take('a')).toBe(0);
  expect(limiter.take('a')).toBe(1);
  now = 1000;
  expect(limiter.take('a')).toBe(0);
});
