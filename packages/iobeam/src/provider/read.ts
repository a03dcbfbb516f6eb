import type { PointBatch, Series } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import {
  type Backend,
  type CallContext,
  compareCodePoints,
  createBatchBuilder,
  matchesFilter,
  type ReadRequest,
} from '@anyseries/core/provider';
import type { Exchange } from '../exchange.ts';
import { addressOf, keyOf } from '../series-address.ts';
import type { Connection } from '../settings.ts';
import { type ExportedSeries, readExport } from '../wire/export.ts';
import { type FetchPoints, type Points, readPages } from './pages.ts';

export interface ReaderOptions {
  readonly connection: Connection;
  readonly exchange: Exchange;
  /** The device of keys that name none. */
  readonly home: string;
}

const seriesPerPage = 1000;

/** The reading half of the backend, over `GET /exports` (section 4.5). */
export function createReader({ connection, exchange, home }: ReaderOptions): Required<Pick<Backend, 'read' | 'series' | 'latest'>> {
  async function request(target: string, search: Readonly<Record<string, string>>, context: CallContext): Promise<ExportedSeries[]> {
    return readExport(await exchange.request({ path: target, search: { timefmt: 'usec', ...search } }, 'read', context));
  }

  function fetchOf(key: string, context: CallContext): FetchPoints {
    const { device, name } = addressOf(key, home);
    const project = connection.projectId('read');
    // as a part of a path, URL parsing would resolve the two
    const target = /^\.{1,2}$/.test(name) ? path`/v1/exports/${project}/${device}/all` : path`/v1/exports/${project}/${device}/${name}`;
    return async (search) => {
      const found = await request(target, search, context);
      const isSame = (other: string) => other.toLowerCase() === name.toLowerCase();
      return found.find((series) => series.name === name) ?? found.find((series) => isSame(series.name)) ?? { times: [], values: [] };
    };
  }

  /** The newest point of every series. */
  async function newest(context: CallContext): Promise<ReadonlyMap<string, ExportedSeries>> {
    const found = await request(path`/v1/exports/${connection.projectId('read')}/all/all`, { limit: '1' }, context);
    return new Map(
      found.flatMap((series) => {
        const key = keyFor(series);
        return key === undefined ? [] : [[key, series] as const];
      }),
    );
  }

  /** The key of a series that keys can tell. */
  function keyFor({ deviceId, name }: ExportedSeries): string | undefined {
    try {
      return keyOf({ device: deviceId, name }, home);
    } catch {
      return undefined;
    }
  }

  /** What is the same for all spellings of a name. */
  function nameOf(key: string): string {
    const { device, name } = addressOf(key, home);
    return `${device} ${name.toLowerCase()}`;
  }

  return {
    async *read({ keys, ...range }: ReadRequest, context: CallContext) {
      for (const key of keys) yield* readPages(key, range, fetchOf(key, context));
    },

    async *series(filter, context) {
      const all = [...(await newest(context)).keys()].map((key): Series => ({ key, attributes: {}, tags: [] }));
      const found = all.filter((series) => matchesFilter(series, filter)).sort((a, b) => compareCodePoints(a.key, b.key));
      for (let from = 0; from < found.length; from += seriesPerPage) yield found.slice(from, from + seriesPerPage);
    },

    async latest(keys, context) {
      if (keys.length === 1) return toBatch([[keys[0]!, await fetchOf(keys[0]!, context)({ limit: '1' })]]);
      if (keys.length === 0) return toBatch([]);
      const found = new Map(Array.from(await newest(context), ([key, series]) => [nameOf(key), series]));
      return toBatch(keys.flatMap((key) => (found.has(nameOf(key)) ? [[key, found.get(nameOf(key))!] as const] : [])));
    },
  };
}

function toBatch(series: readonly (readonly [key: string, points: Points])[]): PointBatch {
  const builder = createBatchBuilder(series.length);
  for (const [key, { times, values }] of series) {
    if (times.length > 0) builder.add({ key, slot: undefined }, times.at(-1)!, values.at(-1)!);
  }
  return builder.build();
}
