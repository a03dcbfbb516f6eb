import { toTime } from '@anyseries/core';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import { firstTime, lastTime } from '../wire/limits.ts';
import { attributeFields, type SearchFields } from '../wire/search.ts';
import { formatTimestamp, parseTimestamp } from '../wire/timestamp.ts';
import type { SeriesSelection } from './model.ts';
import type { Address } from './service.ts';

/** A time as it goes over the wire: texts as they are, everything else in UTC. @throws AnySeriesError `invalid` that names `field` */
export function timeText(time: unknown, field: string): string {
  if (time === undefined) throw invalid(field, 'is missing');
  if (typeof time === 'string') {
    if (parseTimestamp(time) !== undefined) return time;
    throw invalid(field, `${show(time)} is no time such as '2012-03-27T00:00:00.000Z', '2012-03-27T02:00:00+02:00' or '2012-03-27'`);
  }
  const milliseconds = Math.floor(toTime(time, field));
  if (milliseconds < firstTime || milliseconds > lastTime) throw invalid(field, `${milliseconds} is outside the years 1 to 9999`);
  return formatTimestamp(milliseconds);
}

/** @throws AnySeriesError `invalid` */
export function addressOf(series: unknown): Address {
  const address = typeof series === 'string' ? { key: series } : checkObject(series, ['key', 'id'], 'series');
  const [name, ...more] = Object.entries(address).filter(([, value]) => value !== undefined);
  if (name === undefined || more.length > 0 || typeof name[1] !== 'string' || name[1] === '')
    throw invalid('series', 'give a key, as a text or as { key }, or an { id }');
  return { [name[0]]: name[1] } as unknown as Address;
}

/** How a message names a series. */
export function nameOf(address: Address): string {
  return 'id' in address ? `the id ${show(address.id)}` : `the key ${show(address.key)}`;
}

/** The filter of a query string (section 4.3). @throws AnySeriesError `invalid` that names the field */
export function selectionFields(selection: unknown): SearchFields {
  const { ids, keys, tags, attributes } = checkSelection(selection);
  return { id: ids, key: keys, tag: tags, ...attributeFields(attributes) };
}

/** The same for a delete: what would select every series is refused. @throws AnySeriesError `invalid` that names the field */
export function narrowSelectionFields(selection: unknown): SearchFields {
  const checked = checkSelection(selection);
  for (const [name, conditions] of Object.entries(checked)) {
    if (Object.keys(conditions).length === 0) throw invalid(`selection.${name}`, 'is empty: it would select every series');
  }
  if (Object.keys(checked).length === 0) throw invalid('selection', 'is empty: use deleteAllSeries() to delete every series');
  return selectionFields(checked);
}

function checkSelection(selection: unknown): SeriesSelection {
  const given = Object.entries(checkObject(selection, ['ids', 'keys', 'tags', 'attributes'], 'selection'));
  const checked = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  for (const [name, conditions] of Object.entries(checked)) {
    const field = `selection.${name}`;
    const isRight = name === 'attributes' ? typeof conditions === 'object' && conditions !== null : Array.isArray(conditions);
    if (!isRight) throw invalid(field, `${show(conditions)} is no ${name === 'attributes' ? 'record' : 'list'} of texts`);
    const bad = Object.values(conditions as object).find((text) => typeof text !== 'string' || text === '');
    if (bad !== undefined) throw invalid(field, `${show(bad)} cannot be asked for: give texts that are not empty`);
  }
  return checked;
}
