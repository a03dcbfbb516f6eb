import { allTimes } from '../capabilities.ts';

/** A stretch of time `[from, until)` during which a zone keeps one offset. Neighbours may have the same offset. */
export interface OffsetSpan {
  readonly from: number;
  readonly until: number;
  /** Milliseconds ahead of UTC. */
  readonly offset: number;
}

/** Finds the span that holds a time; any finite time, whole milliseconds. */
export type ZoneOffsets = (time: number) => OffsetSpan;

const always: OffsetSpan = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, offset: 0 };
const knownZones = new Map<string, ZoneOffsets>();
const mostZones = 64;

/** The offsets of a zone that `checkTimeZone` accepted, looked up once per process as far as they are asked for. */
export function zoneOffsets(timeZone: string): ZoneOffsets {
  if (timeZone === 'UTC') return () => always;
  const known = knownZones.get(timeZone);
  if (known !== undefined) return known;
  if (knownZones.size === mostZones) knownZones.clear();
  const offsets = createOffsets(timeZone);
  knownZones.set(timeZone, offsets);
  return offsets;
}

/**
 * Time is cut into cells; a cell whose first and last millisecond have the same offset has no transition. Zones have left an offset and come
 * back to it within 4 days (Africa/Freetown 1939) and 7 days (America/Recife 2000), never within 3.
 */
const cellMs = 3 * 86_400_000;
const mostCells = 16_384;

function createOffsets(timeZone: string): ZoneOffsets {
  const offsetAt = createLookup(timeZone);
  const cells = new Map<number, readonly OffsetSpan[]>();
  let latest: OffsetSpan = { from: 0, until: 0, offset: 0 };

  function spansOf(cell: number): readonly OffsetSpan[] {
    const known = cells.get(cell);
    if (known !== undefined) return known;
    if (cells.size === mostCells) cells.clear();
    const spans = findSpans(cell * cellMs, (cell + 1) * cellMs - 1, offsetAt);
    cells.set(cell, spans);
    return spans;
  }

  return (time) => {
    if (time >= latest.from && time < latest.until) return latest;
    latest = spansOf(Math.floor(time / cellMs)).find(({ until }) => time < until)!;
    return latest;
  };
}

/** The spans from `first` to `last`, both included. */
function findSpans(first: number, last: number, offsetAt: (time: number) => number): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  const lastOffset = offsetAt(last);
  let from = first;
  let offset = offsetAt(first);
  while (offset !== lastOffset) {
    let before = from;
    let after = last;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    spans.push({ from, until: after, offset });
    from = after;
    offset = offsetAt(after);
  }
  spans.push({ from, until: last + 1, offset });
  return spans;
}

/** Asks the platform. Offsets of the nineteenth century carry seconds; outside the range of `Date` the outermost offset goes on. */
function createLookup(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (time) => {
    const text = format.format(Math.min(Math.max(time, allTimes.min), allTimes.max));
    const parts = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
    if (parts === null) return 0;
    const seconds = Number(parts[2]) * 3600 + Number(parts[3]) * 60 + Number(parts[4] ?? 0);
    return (parts[1] === '-' ? -1000 : 1000) * seconds;
  };
}
