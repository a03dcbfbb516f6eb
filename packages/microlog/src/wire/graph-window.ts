import { leadingInteger } from './count.ts';

/** The buckets of a graph page; the last of them is the running one. */
export const bucketCount = 121;

/** The scales that a graph page links to, in seconds: month, week, day, hour, five minutes and one minute. */
export const scales = [2_678_400, 604_800, 86_400, 3600, 300, 60] as const;

const largestScale = 604_800;
const defaultScale = 60;

/** What a graph page covers: times in seconds since the epoch. */
export interface GraphWindow {
  /** Seconds of a bucket. */
  readonly interval: number;
  /** The start of the first bucket; all starts are multiples of `interval`. */
  readonly first: number;
  /** The end of the last bucket, excluded. It lies in the future. */
  readonly end: number;
}

/** The scale of a page: what was asked for, read as `parseInt` does, else the one that was saved, else a minute. At least 1, at most a week. */
export function readScale(asked: string | undefined, saved: number | undefined): number {
  const seconds = leadingInteger(asked ?? '');
  if (seconds < 0) return 1;
  return Math.min(seconds || saved || defaultScale, largestScale);
}

/** Seconds of a bucket at a scale. */
export function intervalOf(scale: number): number {
  return Math.ceil(scale / 3);
}

/** The window that ends with the bucket of `now`, in seconds. */
export function windowAt(now: number, interval: number): GraphWindow {
  const last = Math.floor(now / interval);
  return { interval, first: (last - bucketCount + 1) * interval, end: (last + 1) * interval };
}

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** How a page labels the bucket that starts at a time: `November 4 / 0:22`, in UTC. */
export function bucketLabel(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()} / ${date.getUTCHours()}:${date.getUTCMinutes()}`;
}
