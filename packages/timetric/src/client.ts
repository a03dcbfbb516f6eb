import type { CallOptions } from '@anyseries/core';
import { readText } from '@anyseries/core/http';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import { type AuthorizationCalls, createAuthorizationCalls } from './client/authorization.ts';
import { createCall } from './client/call.ts';
import { fieldParameters } from './client/fields.ts';
import type { SeriesFields } from './client/model.ts';
import { toCsvText } from './client/rows.ts';
import { createSearchCalls, type SearchCalls } from './client/search.ts';
import { createSeries, type TimetricSeries } from './client/series.ts';
import type { ServiceRequest } from './client/service.ts';
import { checkSettings, type TimetricSettings } from './settings.ts';

/** A request as the original client let its users make any. */
export interface RawRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | undefined;
  /** Below the address of the settings: `/series/ID/csv/`. */
  readonly path: string;
  /** Parameters: in a form with POST, else in the query. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** A body of CSV; parameters then go into the query. */
  readonly csv?: string | undefined;
}

/**
 * The native client: everything that the service's own could do, and what came after it. Names of chapters are those of the protocol document.
 *
 * A call fails with an `AnySeriesError` that carries the status and the text of the answer: `unauthenticated` (401), `forbidden` (403: another
 * user's series), `not-found` (404), `invalid` (400), `closed` after `close()`. Every attempt at a request is signed by itself. Reads, and writes that
 * a repetition cannot harm, are tried again after failures that pass.
 */
export interface TimetricClient extends AuthorizationCalls, SearchCalls {
  /** A series by its id; asks nothing. */
  series(id: string): TimetricSeries;
  /** Makes a series, with data if there are any; the service chooses its id. */
  createSeries(fields: SeriesFields, options?: CallOptions): Promise<TimetricSeries>;
  /** Makes any other request, with the credentials of the settings; answers the text of the answer. Only GET, PUT and DELETE are tried again. */
  request(request: RawRequest, options?: CallOptions): Promise<string>;
  /** Ends when the calls under way have ended. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a native client; the settings are those of `connect`.
 *
 * ```ts
 * await using client = createClient({ url, key, secret });
 * const series = await client.createSeries({ title: 'pump 3', caption: 'flow in the cellar', data: [[new Date(), 14.5]] });
 * await series.increment(2);
 * for await (const { time, value } of series) console.log(new Date(time), value);
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createClient(settings?: string | TimetricSettings): TimetricClient {
  const { call, close } = createCall(checkSettings(settings));
  return {
    ...createAuthorizationCalls(call),
    ...createSearchCalls(call),
    series: (id) => createSeries(call, id),
    async createSeries(fields, options) {
      const parameters = fieldParameters(fields);
      const { data } = fields;
      const text = data === undefined ? '' : await toCsvText(data, 'fields.data');
      const id = await call(options, (service, context) => service.create(parameters, text === '' ? undefined : text, context));
      return createSeries(call, id);
    },
    async request(request, options) {
      const sent = readRequest(request);
      return call(options, async (service, context) => readText(await service.send(sent, context)));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function readRequest(request: RawRequest): ServiceRequest {
  const {
    method = 'GET',
    path,
    params = {},
    csv,
  } = checkObject(request, ['method', 'path', 'params', 'csv'], 'request') as unknown as RawRequest;
  if (!['GET', 'POST', 'PUT', 'DELETE'].includes(method))
    throw invalid('request.method', `${show(method)} is none of GET, POST, PUT and DELETE`);
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalid('request.path', `${show(path)} does not begin with a slash`);
  const parameters = Object.entries(checkObject(params, Object.keys(params), 'request.params') as Record<string, string>);
  if (csv !== undefined) return { method, path, search: parameters, csv };
  return method === 'POST' ? { method, path, form: parameters } : { method, path, search: parameters };
}
