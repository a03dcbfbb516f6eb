import { checkTimeZone, zoneOffsets } from '@anyseries/core/server';
import { formatTimestamp } from '../wire/timestamp.ts';
import type { Query } from './query.ts';
import { badParameter } from './refusal.ts';

/** The zone in which an answer writes its timestamps, and whose calendar bounds its buckets. */
export interface Zone {
  readonly name: string;
  format(time: number): string;
}

/** The zone of `tz`: a name of the tz database or an offset `±HH:MM`. @throws Refusal 400 */
export function readZone(query: Query): Zone {
  const name = readName(query.get('tz') ?? 'UTC');
  if (name === 'UTC') return { name, format: (time) => formatTimestamp(time) };
  const offsets = zoneOffsets(name);
  return { name, format: (time) => formatTimestamp(time, offsets(time).offset) };
}

function readName(asked: string): string {
  try {
    // a plus sign that nobody escaped arrives as a space
    return checkTimeZone(asked.replace(/^ (?=\d)/, '+'));
  } catch {
    throw badParameter('tz', asked);
  }
}
