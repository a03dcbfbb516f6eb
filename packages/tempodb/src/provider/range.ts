import { firstTime, lastTime } from '../wire/limits.ts';

export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The range in whole milliseconds, which is what points have, within what can be said; `undefined` where no point can be in it. `start` = `end`
 * is one instant and stays one.
 */
export function wholeRange({ start, end }: Range): Range | undefined {
  const [from, to] = [bound(start), bound(end)];
  const isInstant = start === end && from === start;
  return from < to || isInstant ? { start: from, end: to } : undefined;
}

function bound(time: number): number {
  return Math.min(Math.max(Math.ceil(time), firstTime), lastTime);
}
