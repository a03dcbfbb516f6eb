import { checkObject, invalid, show } from '@anyseries/core/provider';
import type { Parameter } from '../oauth/base-string.ts';
import type { SeriesFields } from './model.ts';

const names = ['title', 'caption', 'tags', 'description', 'latitude', 'longitude', 'public', 'more', 'data'];

/** The parameters by which a series is made ("POST /create/"). @throws AnySeriesError `invalid` that names the field */
export function fieldParameters(fields: SeriesFields): Parameter[] {
  const {
    title,
    caption,
    tags,
    description,
    latitude,
    longitude,
    public: isPublic,
    more = {},
  } = checkObject(fields, names, 'fields') as Partial<SeriesFields>;
  if (tags !== undefined && (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string' || /[;,]/.test(tag))))
    throw invalid('fields.tags', `${show(tags)} is no list of texts without commas and semicolons`);
  const texts: [string, unknown][] = [
    ['title', needed(title, 'fields.title')],
    ['caption', needed(caption, 'fields.caption')],
    ['tags', tags?.join(';')],
    ['description', description],
    ['latitude', numberText(latitude, 'fields.latitude')],
    ['longitude', numberText(longitude, 'fields.longitude')],
    ['public', isPublic === undefined ? undefined : String(isPublic)],
    ...Object.entries(checkObject(more, Object.keys(more), 'fields.more')),
  ];
  return texts.flatMap(([name, value]): Parameter[] => (value === undefined ? [] : [[name, textOf(value, `fields.${name}`)]]));
}

function needed(text: unknown, field: string): string {
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw invalid(field, `${show(text)} is no text: a series needs one`);
}

function numberText(value: unknown, field: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw invalid(field, `${show(value)} is no finite number`);
}

function textOf(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw invalid(field, `${show(value)} is no text`);
}
