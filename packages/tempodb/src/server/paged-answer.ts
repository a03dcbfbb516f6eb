import { createTextParts, jsonAnswer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { Position } from './paging.ts';
import { type Range, readLimit, usualRows } from './parameters.ts';
import { addRows, type RowPage } from './row-page.ts';
import type { ShownPoints } from './shown-points.ts';

export interface PagedRows {
  readonly rows: AsyncIterable<RowPage>;
  /** The range of the whole request. */
  readonly range: Range;
  readonly position: Position<number>;
  /** The path below `/v1` that links lead to, without slashes at its ends. */
  readonly resource: string;
  /** The answer around the rows. */
  readonly before: string;
  readonly after: string;
}

/** One page of rows, and the link to the next if there is one (section 4.14). */
export async function pagedAnswer(exchange: Exchange, { rows, range, position, resource, before, after }: PagedRows): Promise<Response> {
  const { query, place = range.start } = position;
  const text = createTextParts();
  text.add(before);
  const next = await addRows(text, rows, readLimit(query, usualRows));
  text.add(after);
  const link = next === undefined ? {} : exchange.nextPage(resource, query.raw, next);
  const omitted = omittedHeaders(exchange.points, { start: Math.max(place, range.start), end: next ?? range.end });
  return jsonAnswer(text.end(), { headers: { ...link, ...omitted } });
}

/** Tells how many points of a range an answer had to leave out, if any. */
export function omittedHeaders(points: ShownPoints, range: Range): Record<string, string> {
  const count = points.omitted(range);
  return count === 0 ? {} : { 'anyseries-omitted': String(count) };
}
