import type { Sum, SumsRange } from './read.ts';

export interface BackwardsRange extends SumsRange {
  readonly now: number;
}

const firstWidth = 3600;
const fewSums = 1000;
const manySums = 5000;

/**
 * Sums of [start, end), latest first, out of a protocol that knows no such order: window by window from the end, each read whole and turned around.
 * Windows grow while they hold little and shrink when they hold much.
 */
export async function* readBackwards(
  { start, end, limit, now }: BackwardsRange,
  read: (range: SumsRange) => AsyncIterable<readonly Sum[]>,
): AsyncGenerator<readonly Sum[]> {
  const oldest = await firstTime(read, { start, end });
  if (oldest === undefined) return;
  let left = limit;
  let to = end;
  let width = firstWidth;
  // an open end takes what is to come into the first window
  for (let edge = Math.min(end, Math.ceil(now)); left > 0 && to > oldest; edge = to) {
    const from = Math.max(oldest, Math.min(edge, to) - width);
    const sums = (await Array.fromAsync(read({ start: from, end: to, limit: Number.POSITIVE_INFINITY }))).flat();
    yield sums.slice(-left).reverse();
    left -= sums.length;
    to = from;
    if (sums.length < fewSums) width *= 16;
    else if (sums.length > manySums) width = Math.ceil(width / 2);
  }
}

/** The time of the oldest sum, so that the windows know where to end. */
async function firstTime(
  read: (range: SumsRange) => AsyncIterable<readonly Sum[]>,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<number | undefined> {
  for await (const [first] of read({ start, end, limit: 1 })) if (first !== undefined) return first.time;
  return undefined;
}
