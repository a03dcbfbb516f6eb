/** The length of buckets, or of the steps of an interpolation (section 4.8). */
export interface Period {
  /** As an ISO 8601 duration, which is how answers name it. */
  readonly iso: string;
  /** Whole, 1 or more. */
  readonly count: number;
  /** What `count` counts: milliseconds, days or months of the calendar. */
  readonly unit: 'ms' | 'd' | 'month';
}

type Unit = Period['unit'];

const shortForm = /^(\d+)(sec|min|hour|day|week|month|year)s?$/;
/** What the units of the short form are in ISO 8601. */
const isoOfShort: Readonly<Record<string, readonly [prefix: 'P' | 'PT', letter: string]>> = {
  sec: ['PT', 'S'],
  min: ['PT', 'M'],
  hour: ['PT', 'H'],
  day: ['P', 'D'],
  week: ['P', 'W'],
  month: ['P', 'M'],
  year: ['P', 'Y'],
};

const isoForm = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
/** What the groups of the ISO form count, and how many. */
const isoGroups: readonly (readonly [Unit, number])[] = [
  ['month', 12],
  ['month', 1],
  ['d', 7],
  ['d', 1],
  ['ms', 3_600_000],
  ['ms', 60_000],
  ['ms', 1000],
];

/** About 10,000 years, which is as far as timestamps reach. */
const longest: Readonly<Record<Unit, number>> = { ms: 3.2e14, d: 3_700_000, month: 120_000 };

/**
 * Reads a period in the short form (`5min`) or as an ISO 8601 duration (`PT5M`) of one kind: time, days, or months. Days and months do not mix
 * with the others, because their lengths change.
 *
 * @returns `undefined` for anything else, also for one of no length
 */
export function parsePeriod(text: string): Period | undefined {
  const short = shortForm.exec(text);
  if (short === null) return parseIso(text);
  const [prefix, letter] = isoOfShort[short[2]!]!;
  return parseIso(`${prefix}${short[1]}${letter}`);
}

function parseIso(iso: string): Period | undefined {
  const [, ...amounts] = isoForm.exec(iso) ?? [];
  const counts = new Map<Unit, number>();
  for (const [i, amount] of amounts.entries()) {
    const [unit, factor] = isoGroups[i]!;
    const count = Math.round(Number(amount ?? 0) * factor);
    if (count > 0) counts.set(unit, (counts.get(unit) ?? 0) + count);
  }
  if (counts.size !== 1) return undefined;
  const [unit, count] = [...counts][0]!;
  return count <= longest[unit] ? { iso, count, unit } : undefined;
}
