import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Description, isName, type NewSeries, type SeriesChange } from './directory.ts';
import type { Handler } from './exchange.ts';
import { isEmpty, readFilter } from './filter.ts';
import { readPosition } from './paging.ts';
import { readLimit } from './parameters.ts';
import { badParameter, Refusal } from './refusal.ts';

/** Section 5.1. */
export const createSeries: Handler = async (exchange) => {
  const series = readNewSeries(await exchange.body({}));
  const created = await exchange.directory.create(series);
  // the number of the database told nobody anything
  if (created === undefined) throw new Refusal(409, `Unique constraint violated, key ${series.key} and database id 1 pair already exist`);
  return jsonAnswer(seriesText(created));
};

/** Section 5.2. */
export const listSeries: Handler = async (exchange) => {
  const { query, place: after } = readPosition<string>(exchange.query, 'string');
  const limit = readLimit(query, Number.POSITIVE_INFINITY);
  const page: Description[] = [];
  let headers = {};
  for await (const series of exchange.directory.list(readFilter(query), { after, wanted: limit + 1 })) {
    if (page.length === limit) {
      headers = exchange.nextPage('series', query.raw, page.at(-1)!.key);
      break;
    }
    page.push(series);
  }
  return jsonAnswer(`[${page.map(seriesText).join(',')}]`, { headers });
};

/** Section 5.3. */
export const getSeries: Handler = async (exchange) => jsonAnswer(seriesText(await exchange.series()));

/** Section 5.4. */
export const updateSeries: Handler = async (exchange) => {
  const body = await exchange.body();
  await exchange.series();
  const updated = await exchange.directory.update(exchange.address, readChange(body));
  if (updated === undefined) throw new Refusal(403);
  return jsonAnswer(seriesText(updated));
};

/** Section 5.5. */
export const deleteAllSeries: Handler = async ({ query, directory }) => {
  const filter = readFilter(query);
  const truncation = query.get('allow_truncation') ?? 'false';
  if (!/^(?:true|false)$/i.test(truncation)) throw badParameter('allow_truncation', truncation);
  if (isEmpty(filter) !== (truncation.toLowerCase() === 'true'))
    throw new Refusal(400, 'Must provide a filter or allow_truncation=true, not both');
  const keys = await directory.keys(filter);
  await directory.remove(keys);
  return jsonAnswer(`{"deleted":${keys.length}}`);
};

/** Section 5.5. */
export const deleteSeries: Handler = async (exchange) => {
  const { key } = await exchange.series();
  await exchange.directory.remove([key]);
  return emptyAnswer();
};

/** The series object of section 4.4. */
export function seriesText({ id, key, name, tags, attributes }: Description): string {
  return JSON.stringify({ id, key, name, tags, attributes });
}

function readNewSeries(body: unknown): NewSeries {
  const { name = '', tags = [], attributes = {} } = readChange(body);
  const { key } = body as { readonly key?: unknown };
  if (key === undefined || key === null || key === '') return { key: undefined, name, tags, attributes };
  if (typeof key !== 'string' || !isName(key)) throw new Refusal(422, 'Invalid series key');
  return { key, name, tags, attributes };
}

/** The metadata in a body; a field that is absent or null is left out. @throws Refusal 422 */
function readChange(body: unknown): SeriesChange {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refusal(422, 'Must provide a series object');
  const { name, tags, attributes } = body as { readonly [field: string]: unknown };
  return {
    ...(isAbsent(name) ? {} : { name: checkText(name, 'name') }),
    ...(isAbsent(tags) ? {} : { tags: readTags(tags) }),
    ...(isAbsent(attributes) ? {} : { attributes: readAttributes(attributes) }),
  };
}

function readTags(tags: unknown): string[] {
  if (!Array.isArray(tags)) throw new Refusal(422, 'Tags must be a list of strings');
  return tags.map((tag) => checkText(tag, 'tag'));
}

function readAttributes(attributes: unknown): Record<string, string> {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw new Refusal(422, 'Attributes must be an object of strings');
  const texts = Object.entries(attributes).map(([name, value]): [string, string] => {
    const text = ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : value;
    if (typeof text === 'string' && text.trim() === '') throw new Refusal(422, `Attribute ${name} must not be blank`);
    return [checkText(name, 'attribute'), checkText(text, `attribute ${name}`)];
  });
  return Object.fromEntries(texts);
}

/** A text that a store can hold. */
function checkText(text: unknown, what: string): string {
  if (typeof text === 'string' && text.isWellFormed() && !text.includes('\0')) return text;
  throw new Refusal(422, `Invalid ${what}: it must be a string`);
}

function isAbsent(field: unknown): field is null | undefined {
  return field === undefined || field === null;
}
