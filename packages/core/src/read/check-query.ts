import type { DeleteRange } from '../backend.ts';
import type { Capabilities } from '../capabilities.ts';
import { AnySeriesError, invalid, show } from '../errors.ts';
import { checkObject, checkSignal, checkText, checkTextList, checkTexts } from '../options.ts';
import type { SeriesSelector } from '../query.ts';
import { checkTimeZone } from '../rollup/check-time-zone.ts';
import type { FoldRequest } from '../rollup/fold.ts';
import { parseFunction } from '../rollup/functions.ts';
import { parseInterval } from '../rollup/interval.ts';
import type { SeriesFilter, SeriesInput } from '../series.ts';
import { checkKey, compareCodePoints } from '../series-key.ts';
import { toTime } from '../time.ts';

/** A query whose every part is checked and has its default. */
export interface CheckedQuery {
  readonly series: SeriesSelector;
  readonly start: number;
  readonly end: number;
  readonly descending: boolean;
  readonly limit: number;
  readonly merge: boolean;
  readonly rollup?: FoldRequest;
  readonly signal: AbortSignal | undefined;
}

const queryNames = ['series', 'start', 'end', 'rollup', 'order', 'limit', 'merge', 'signal'];

/** @throws AnySeriesError `invalid` that names the field */
export function checkQuery(input: unknown, { keys }: Capabilities): CheckedQuery {
  const query = checkObject(input, queryNames, 'query');
  const { order = 'ascending', limit = Number.POSITIVE_INFINITY, merge = false, rollup } = query;
  const start = query.start === undefined ? Number.NEGATIVE_INFINITY : toTime(query.start, 'start');
  const end = query.end === undefined ? Number.POSITIVE_INFINITY : toTime(query.end, 'end');
  if (start > end) throw invalid('end', `${end} is before start (${start})`);
  if (order !== 'ascending' && order !== 'descending') throw invalid('order', `${show(order)} is neither 'ascending' nor 'descending'`);
  if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && (limit as number) >= 0))
    throw invalid('limit', `${show(limit)} is no whole number of points`);
  if (typeof merge !== 'boolean') throw invalid('merge', `${show(merge)} is no boolean`);
  const checked = {
    series: checkSelector(query.series, keys.maxBytes),
    start,
    end,
    descending: order === 'descending',
    limit: limit as number,
    merge,
    signal: checkSignal(query.signal, 'signal'),
  };
  return rollup === undefined ? checked : { ...checked, rollup: checkRollup(rollup) };
}

function checkRollup(input: unknown): FoldRequest {
  const { every, fn, timeZone = 'UTC' } = checkObject(input, ['every', 'fn', 'timeZone'], 'rollup');
  return { every: parseInterval(every), fn: parseFunction(fn), timeZone: checkTimeZone(timeZone) };
}

/** @throws AnySeriesError `invalid` that names the field */
export function checkSelector(input: unknown, maxBytes: number): SeriesSelector {
  if (typeof input === 'string') return checkKey(input, 'series', maxBytes);
  if (Array.isArray(input)) return checkKeys(input, 'series', maxBytes);
  if (typeof input === 'object' && input !== null) return checkFilter(input, 'series', maxBytes);
  throw invalid('series', `${show(input)} is no series key, list of keys or filter`);
}

/** The keys, each once, in code-point order. */
function checkKeys(input: readonly unknown[], field: string, maxBytes: number): readonly string[] {
  const keys = new Set(input.map((key, index) => checkKey(key, `${field}[${index}]`, maxBytes)));
  return [...keys].sort(compareCodePoints);
}

const filterNames = ['keys', 'name', 'labels', 'attributes', 'tags'];

/** @throws AnySeriesError `invalid` that names the field */
export function checkFilter(input: unknown, field: string, maxBytes: number): SeriesFilter {
  const { keys, name, labels, attributes, tags } = checkObject(input, filterNames, field);
  if (keys !== undefined && !Array.isArray(keys)) throw invalid(`${field}.keys`, `${show(keys)} is no list of keys`);
  if (name !== undefined && typeof name !== 'string') throw invalid(`${field}.name`, `${show(name)} is no text`);
  return {
    ...(keys === undefined ? {} : { keys: checkKeys(keys, `${field}.keys`, maxBytes) }),
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels: checkTexts(labels, `${field}.labels`) }),
    ...(attributes === undefined ? {} : { attributes: checkTexts(attributes, `${field}.attributes`) }),
    ...(tags === undefined ? {} : { tags: checkTextList(tags, `${field}.tags`) }),
  };
}

/** @throws AnySeriesError `invalid` that names the field, `unsupported` where only whole series can be deleted */
export function checkDelete(input: unknown, { keys, write }: Capabilities): DeleteRange {
  const request = checkObject(input, ['series', 'start', 'end'], 'request');
  const key = checkKey(request.series, 'series', keys.maxBytes);
  if (!('start' in request) && !('end' in request)) return { key };
  for (const name of ['start', 'end'] as const) {
    if (request[name] === undefined) throw invalid(name, 'is missing: give start and end, or neither to delete the whole series');
  }
  if (write?.deletes !== 'range') throw new AnySeriesError('unsupported', 'start: this backend deletes whole series only');
  const [start, end] = [toTime(request.start, 'start'), toTime(request.end, 'end')];
  if (start > end) throw invalid('end', `${end} is before start (${start})`);
  return { key, range: { start, end } };
}

/** @throws AnySeriesError `invalid` that names the field */
export function checkSeries(
  input: unknown,
  { keys }: Capabilities,
): SeriesInput & { readonly tags: readonly string[]; readonly attributes: Readonly<Record<string, string>> } {
  const { key, name, attributes = {}, tags = [] } = checkObject(input, ['key', 'name', 'attributes', 'tags'], 'series');
  return {
    key: checkKey(key, 'series.key', keys.maxBytes),
    ...(name === undefined ? {} : { name: checkText(name, 'series.name') }),
    attributes: { ...checkTexts(attributes, 'series.attributes') },
    tags: [...new Set(checkTextList(tags, 'series.tags'))].sort(compareCodePoints),
  };
}
