import { toTime } from '@anyseries/core';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import { firstTime, lastTime } from '../wire/limits.ts';
import { attributeFields, type SearchFields } from '../wire/search.ts';
import { formatTimestamp, parseTimestamp } from '../wire/timestamp.ts';
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

/** A series by the one name that goes into a path. @throws AnySeriesError `invalid` */
export function addressOf(series: unknown): Address {
  const { key, id } = typeof series === 'string' ? { key: series } : checkObject(series, ['key', 'id'], 'series');
  const name = key ?? id;
  if (typeof name !== 'string' || name === '' || (key !== undefined && id !== undefined))
    throw invalid('series', 'give a key, as a text or as { key }, or an { id }');
  return id === undefined ? { key: name } : { id: name };
}

const selectionNames = ['ids', 'keys', 'tags', 'attributes'] as const;

/** The filter of a query string (section 4.3). @throws AnySeriesError `invalid` that names the field */
export function selectionFields(selection: unknown): SearchFields {
  const { ids, keys, tags, attributes = {} } = checkObject(selection, selectionNames, 'selection');
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw invalid('selection.attributes', `${show(attributes)} is no record of texts`);
  for (const [name, value] of Object.entries(attributes)) textField(value, `selection.attributes.${name}`);
  return {
    id: textList(ids ?? [], 'selection.ids'),
    key: textList(keys ?? [], 'selection.keys'),
    tag: textList(tags ?? [], 'selection.tags'),
    ...attributeFields(attributes as Record<string, string>),
  };
}

/** The same for a delete: what would select every series is refused. @throws AnySeriesError `invalid` that names the field */
export function narrowSelectionFields(selection: unknown): SearchFields {
  const fields = selectionFields(selection);
  const given = Object.entries(selection as object).filter(([, conditions]) => conditions !== undefined);
  const empty = given.find(([, conditions]) => Object.keys(conditions).length === 0)?.[0];
  if (empty !== undefined) throw invalid(`selection.${empty}`, 'is empty, and the service would take it as not given');
  if (given.length === 0) throw invalid('selection', 'is empty: use deleteAllSeries() to delete every series');
  return fields;
}

/** @throws AnySeriesError `invalid` that names the field */
export function limitField(limit: unknown): number | undefined {
  if (limit === undefined || (Number.isSafeInteger(limit) && (limit as number) > 0)) return limit as number | undefined;
  throw invalid('limit', `${show(limit)} is no whole number of rows`);
}

/** Texts by the names of their parameters. @throws AnySeriesError `invalid` that names the field */
export function textFields(fields: Readonly<Record<string, unknown>>): SearchFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === undefined ? undefined : textField(value, name)]),
  );
}

export function textList(texts: unknown, field: string): readonly string[] {
  if (!Array.isArray(texts)) throw invalid(field, `${show(texts)} is no list of texts`);
  return texts.map((text, index) => textField(text, `${field}[${index}]`));
}

/** An empty text in a query means that it was not given (section 4.2), which nobody wants who gives one. */
export function textField(text: unknown, field: string): string {
  if (typeof text === 'string' && text !== '') return text;
  throw invalid(field, `${show(text)} is no text with at least one character`);
}
