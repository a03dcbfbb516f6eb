import type { Series, SeriesFilter } from './series.ts';
import { parseSeriesKey } from './series-key.ts';

/** Whether a series fulfils every condition of a validated filter. */
export function matchesFilter(series: Series, filter: SeriesFilter): boolean {
  if (filter.keys !== undefined && !filter.keys.includes(series.key)) return false;
  if (filter.name !== undefined || filter.labels !== undefined) {
    const { name, labels } = parseSeriesKey(series.key);
    if (filter.name !== undefined && name !== filter.name) return false;
    if (!holdsAll(labels, filter.labels)) return false;
  }
  if (!holdsAll(series.attributes, filter.attributes)) return false;
  return (filter.tags ?? []).every((tag) => series.tags.includes(tag));
}

function holdsAll(present: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([name, value]) => Object.hasOwn(present, name) && present[name] === value);
}
