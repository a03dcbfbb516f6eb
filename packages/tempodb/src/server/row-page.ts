import { type PointBatch, valueAt } from '@anyseries/core';
import { numberText, type TextParts } from './answer.ts';
import type { ShownPoint } from './shown-points.ts';
import type { Zone } from './zone.ts';

/** Some rows of an answer, by time. */
export interface RowPage {
  readonly times: ArrayLike<number>;
  text(row: number): string;
}

/** A point as the wire has it. */
export function pointText(zone: Zone, { time, value }: ShownPoint): string {
  return `{"t":"${zone.format(time)}","v":${numberText(value)}}`;
}

export async function* pointRows(pages: AsyncIterable<PointBatch>, zone: Zone): AsyncGenerator<RowPage> {
  for await (const page of pages) {
    const text = (row: number) => pointText(zone, { time: page.times[row]!, value: valueAt(page, row) as number | bigint });
    yield { times: page.times, text };
  }
}

/** Adds rows, joined by commas, `limit` at most; answers the time of the one after them, if there is one. */
export async function addRows(text: TextParts, pages: AsyncIterable<RowPage>, limit: number): Promise<number | undefined> {
  let count = 0;
  for await (const page of pages) {
    for (let row = 0; row < page.times.length; row++) {
      if (count === limit) return page.times[row]!;
      text.add(count === 0 ? page.text(row) : `,${page.text(row)}`);
      count++;
    }
  }
  return undefined;
}
