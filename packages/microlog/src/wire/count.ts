/** The largest time that the contract knows, in seconds; a point beyond it is in no series and on no page. */
const lastSecond = 8.64e12;

/**
 * What a graph page makes of a count: `parseInt` of its text, traps included ("GET /graphs/{id}", step 7 of the protocol document): 2.9 is 2,
 * `"12abc"` is 12, 1e21 is 1, 5e-7 is 5. `NaN` stands for what no page can show.
 */
export function shownCount(count: unknown): number {
  let first = count;
  // the text of a list begins with that of its first element
  while (Array.isArray(first)) first = first[0];
  if (typeof first === 'bigint') return Number(first);
  return typeof first === 'number' || typeof first === 'string' ? leadingInteger(String(first)) : Number.NaN;
}

/** The whole number that a text begins with; blanks before it, a sign and `0x` are understood, and what follows is ignored. */
export function leadingInteger(text: string): number {
  // biome-ignore lint/correctness/useParseIntRadix: with one, 0x would be no prefix
  return Number.parseInt(text);
}

/** What a point adds to the series of its graph: its count as it was sent, or what a page makes of a count that is no number. */
export function amountOf(count: unknown): number {
  return typeof count === 'number' ? count : shownCount(count);
}

/** A time as pages read it, in seconds: a number, or a text that is one. `NaN` stands for a point that never shows. */
export function secondsOf(time: unknown): number {
  const seconds = typeof time === 'string' && time.trim() !== '' ? Number(time) : time;
  return typeof seconds === 'number' && Math.abs(seconds) <= lastSecond ? seconds : Number.NaN;
}
