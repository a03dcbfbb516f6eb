import type { Store } from '@anyseries/core';
import { readBody } from './body.ts';
import type { Description, Directory } from './directory.ts';
import { nextPageHeaders, type Place } from './paging.ts';
import type { Query } from './query.ts';
import { Refusal } from './refusal.ts';
import type { Address } from './route.ts';
import { createShownPoints, type ShownPoints } from './shown-points.ts';

/** A project as a server works with it. */
export interface Project {
  readonly store: Store;
  readonly directory: Directory;
}

/** A request whose credentials and route are known. */
export interface Exchange extends Project {
  readonly query: Query;
  /** When it was received, in whole epoch milliseconds. */
  readonly now: number;
  readonly points: ShownPoints;
  /** The name of the series in the path; only for operations on one. */
  readonly address: Address;
  /** The body as JSON. @param whenEmpty what an empty one stands for @throws Refusal 400 */
  body(whenEmpty?: unknown): Promise<unknown>;
  /** The series that the path names. @throws Refusal 403 */
  series(): Promise<Description>;
  /** The headers of a page after which more follows. `resource` is a path below `/v1`, without slashes at its ends. */
  nextPage(resource: string, query: string, place: Place): Record<string, string>;
}

/** Answers one operation. What it throws is an answer, too. */
export type Handler = (exchange: Exchange) => Promise<Response>;

export interface ExchangeParts extends Project {
  readonly request: Request;
  readonly query: Query;
  readonly address: Address | undefined;
  readonly prefix: string;
  readonly now: number;
}

export function createExchange({ request, store, directory, query, address, prefix, now }: ExchangeParts): Exchange {
  return {
    store,
    directory,
    query,
    now,
    address: address!,
    points: createShownPoints(store, request.signal),
    body: (whenEmpty) => readBody(request, whenEmpty),
    async series() {
      const series = await directory.find(address!);
      if (series === undefined) throw new Refusal(403);
      return series;
    },
    nextPage: (resource, rest, place) => nextPageHeaders(`${prefix}/v1/${resource}/`, rest, place),
  };
}
