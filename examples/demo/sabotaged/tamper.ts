import type { Point, PointStream, ReadQuery } from '@anyseries/core';
import { open as openMemory } from '../../../packages/memory/test/backend.ts';
import type { DemoProvider, OpenBackend } from '../backends.ts';

/** A memory store that answers reads with other points than it holds: `change` gives what becomes of each, `undefined` loses it. */
export async function openTampered(change: (point: Point, query: ReadQuery) => Point | undefined): Promise<OpenBackend> {
  const { provider, close } = await openMemory();
  const honest: DemoProvider = provider;
  const read = (query: ReadQuery): PointStream => {
    const stream = honest.read(query);
    async function* points() {
      for await (const point of stream) {
        const changed = change(point, query);
        if (changed !== undefined) yield changed;
      }
    }
    return Object.assign(Object.create(stream) as PointStream, {
      [Symbol.asyncIterator]: points,
      async toArray() {
        const all: Point[] = [];
        for await (const point of points()) all.push(point);
        return all;
      },
    });
  };
  return { provider: Object.assign(Object.create(honest) as DemoProvider, { read }), close };
}

/** Whether it is the point of one day of one series, read as it was written. */
export function isChosen(point: Point, query: ReadQuery): boolean {
  return query.rollup === undefined && point.series.startsWith('wind') && point.time === Date.UTC(2013, 5, 15);
}
