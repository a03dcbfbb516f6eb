/** The collection of a graph's list: one record per hour of the points and request that brought them. */
export function listCollection(graph: string): string {
  return `microlog/points/${graph}`;
}

const hourSeconds = 3600;
/** Makes the hour of every time that pages know a positive number of ten digits, so that ids sort by time. */
const hourOffset = 2_400_000_001;

/** Points that no page can show sort behind all others. */
export const noHour = 'none';

/** The beginning of the ids of an hour's records; `seconds` is within what series can hold. */
export function hourKey(seconds: number): string {
  return numberName(Math.floor(seconds / hourSeconds) + hourOffset);
}

/** The hour of a record. */
export function hourOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/** A whole number as a text that sorts like it. */
export function numberName(number: number): string {
  return String(number).padStart(10, '0');
}

/** Names that sort in the order in which they were asked for, also across restarts, and are never given twice. */
export function createArrivals(now: () => number): () => string {
  const instance = crypto.randomUUID().slice(0, 8);
  let lastMs = 0;
  let count = 0;
  return () => {
    lastMs = Math.max(lastMs, now());
    return `${String(Math.floor(lastMs)).padStart(14, '0')}-${numberName(count++)}-${instance}`;
  };
}
