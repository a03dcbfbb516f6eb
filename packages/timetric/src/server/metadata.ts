import { isAnySeriesError } from '@anyseries/core';
import { checkKey } from '@anyseries/core/provider';
import * as z from 'zod/mini';
import type { NewSeries } from './directory.ts';
import { badRequest } from './refusal.ts';

/** Parameters of creation that are no metadata: what is known of them stands elsewhere. */
const otherParameters: ReadonlySet<string> = new Set(['title', 'tags', 'public', 'csv', 'anyseries_key']);

/**
 * What is to be made of the parameters of `POST /create/`: the title is the name, tags are tags, and everything else is an attribute. A caption that
 * only repeats the title is none.
 *
 * @throws Refusal 400
 */
export function readNewSeries(parameters: ReadonlyMap<string, string>): NewSeries {
  const key = parameters.get('anyseries_key');
  if (key !== undefined) checkSeriesKey(key);
  const title = key === undefined ? needed(parameters, 'title') : (parameters.get('title') ?? key);
  const caption = key === undefined ? needed(parameters, 'caption') : (parameters.get('caption') ?? title);
  if (parameters.has('formula')) throw badRequest('Calculated series are not supported.');
  for (const [name, value] of parameters)
    if (`${name}${value}`.includes('\0') || name === '') throw badRequest(`Cannot keep the parameter ${JSON.stringify(name)}.`);
  const attributes = [...parameters].filter(([name]) => !otherParameters.has(name) && !(name === 'caption' && caption === title));
  return {
    key,
    name: title === key ? undefined : title,
    attributes: Object.fromEntries(attributes),
    tags: (parameters.get('tags') ?? '').split(/[;,]/).flatMap((tag) => tag.trim() || []),
    isPublic: readFlag(parameters.get('public') ?? 'false'),
  };
}

function needed(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name) ?? '';
  if (value.trim() === '') throw badRequest(`A series needs a ${name}.`);
  return value;
}

function checkSeriesKey(key: string): void {
  try {
    checkKey(key, 'anyseries_key');
  } catch (error) {
    throw isAnySeriesError(error) ? badRequest(error.message) : error;
  }
}

function readFlag(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw badRequest(`Cannot read public ${JSON.stringify(text.slice(0, 40))}: it is true or false.`);
}

const metadata = z.strictObject({
  title: z.optional(z.string()),
  attributes: z.optional(z.record(z.string(), z.string())),
  tags: z.optional(z.array(z.string())),
});

/** The metadata of a body, which replaces what a series had. @throws Refusal 400 */
export function readMetadata(body: Uint8Array, key: string) {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw badRequest('The body is no JSON.');
  }
  const { data, error } = z.safeParse(metadata, json);
  if (error !== undefined)
    throw badRequest(`Cannot read ${error.issues[0]?.path.join('.') || 'the body'}: give title, attributes and tags.`);
  const { title = key, attributes = {}, tags = [] } = data!;
  return { ...(title === key ? {} : { name: title }), attributes, tags };
}
