import { invalid, show } from '../errors.ts';

/**
 * The zone's name as the platform spells it, if the platform knows it; every name of UTC gives `'UTC'`.
 *
 * @throws AnySeriesError `invalid` that names `rollup.timeZone`
 */
export function checkTimeZone(zone: unknown): string {
  if (zone === 'UTC') return zone;
  if (typeof zone !== 'string') throw invalid('rollup.timeZone', `${show(zone)} is no name of a time zone`);
  try {
    const name = new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone;
    return name === 'UTC' || name.toLowerCase() === zone.toLowerCase() ? name : zone;
  } catch {
    throw invalid('rollup.timeZone', `${show(zone)} is no time zone that this platform knows; give an IANA name such as 'Europe/Berlin'`);
  }
}
