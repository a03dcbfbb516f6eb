import { AnySeriesError } from '@anyseries/core';
import { createHttp, type HttpResponse, path, readJson, statusError } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import { basicAuthorization } from '../auth.ts';
import type { Connection } from '../settings.ts';
import { seriesListAnswer } from '../wire/answers.ts';
import { nextLink } from '../wire/link.ts';

export interface ServiceRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly search?: URLSearchParams;
  /** JSON. */
  readonly body?: string;
  /** Whether it may be sent again after a doubtful failure; default: all but POST. */
  readonly idempotent?: boolean;
  /** Statuses that are an answer, beside 2xx. */
  readonly accept?: readonly number[];
}

/** One page of an answer, and where the next one is. */
export interface Page<T> {
  readonly content: T;
  readonly next: string | undefined;
}

/** A series by the one name that goes into its path. */
export type Address = { readonly key: string } | { readonly id: string };

/** Requests to the service, one after the other; what both the client and the provider stand on. Resources are below `/v1`: `/series/`. */
export interface Service {
  /** @throws AnySeriesError of the status: `forbidden` where the credentials are refused */
  send(resource: string, request: ServiceRequest, context: CallContext): Promise<HttpResponse>;
  /** The same to a resource of one series, `data/`; `undefined` where there is no such series. */
  sendTo(series: Address, resource: string, request: ServiceRequest, context: CallContext): Promise<HttpResponse | undefined>;
  page<T>(resource: string, search: URLSearchParams, schema: ZodMiniType<T>, context: CallContext): Promise<Page<T>>;
  /** `undefined` where there is no such series. */
  pageOf<T>(
    series: Address,
    resource: string,
    search: URLSearchParams,
    schema: ZodMiniType<T>,
    context: CallContext,
  ): Promise<Page<T> | undefined>;
  /** The page that `Page.next` leads to. */
  follow<T>(next: string, schema: ZodMiniType<T>, context: CallContext): Promise<Page<T>>;
  /** The one resource outside `/v1`, and the one that takes no credentials (section 5.19). */
  ping(context: CallContext): Promise<void>;
}

export function createService({ origin, prefix, credentials, headers, fetch, timeoutMs, provider }: Connection): Service {
  const { retry, random } = provider;
  const authorization = basicAuthorization(credentials);
  const http = createHttp({ url: origin, headers, fetch, timeoutMs, retry, random });

  /** `target` is the whole path, with the query. A 403 is an answer: it may mean that a series does not exist. */
  async function exchange(target: string, request: ServiceRequest, context: CallContext): Promise<HttpResponse> {
    const { method = 'GET', body, idempotent, accept = [] } = request;
    const response = await http.request(
      {
        method,
        path: target,
        purpose: 'manage',
        accept: [403, ...accept],
        headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
        ...(idempotent === undefined ? {} : { idempotent }),
      },
      context,
    );
    if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return response;
    const text = await response.text();
    if (response.status === 403) throw refusal(text);
    throw new AnySeriesError('protocol', `${statusError(response.status, text).message}: a web page is no answer of the service`);
  }

  function targetOf(resource: string, search = new URLSearchParams()): string {
    return `${prefix}/v1${resource}${search.size === 0 ? '' : `?${search}`}`;
  }

  async function send(resource: string, request: ServiceRequest, context: CallContext): Promise<HttpResponse> {
    return allowed(await exchange(targetOf(resource, request.search), request, context));
  }

  async function resourceOf(series: Address, resource: string, context: CallContext): Promise<string | undefined> {
    if ('id' in series) return path`/series/id/${series.id}/` + resource;
    if (!/^\.\.?$/.test(series.key)) return path`/series/key/${series.key}/` + resource;
    // URLs resolve these two keys to another resource: the series is looked up, and addressed by its id
    const [found] = await readJson(await send('/series/', { search: new URLSearchParams({ key: series.key }) }, context), seriesListAnswer);
    return found && path`/series/id/${found.id}/` + resource;
  }

  /** A 403 means that the series does not exist or that the credentials are refused; a request about no series tells which (section 9). */
  async function present(response: HttpResponse, context: CallContext): Promise<HttpResponse | undefined> {
    if (response.status !== 403) return response;
    await send('/series/', { search: new URLSearchParams({ limit: '1' }) }, context);
    return undefined;
  }

  async function pageFrom<T>(target: string, response: HttpResponse, schema: ZodMiniType<T>): Promise<Page<T>> {
    return { content: await readJson(response, schema), next: nextTarget(response.headers.get('link') ?? undefined, target) };
  }

  /** Where the next page is; never elsewhere than here, because the credentials go along. */
  function nextTarget(header: string | undefined, target: string): string | undefined {
    const link = nextLink(header);
    if (link === undefined) return undefined;
    const here = new URL(origin + target);
    const next = URL.canParse(link, here) ? new URL(link, here) : undefined;
    if (next?.origin !== origin)
      throw new AnySeriesError('protocol', 'the link to the next page leads to another host and is not followed');
    if (next.href === here.href) throw new AnySeriesError('protocol', 'the link to the next page leads to the same page again');
    return next.pathname + next.search;
  }

  return {
    send,
    async sendTo(series, resource, request, context) {
      const found = await resourceOf(series, resource, context);
      return found === undefined ? undefined : present(await exchange(targetOf(found, request.search), request, context), context);
    },
    async page(resource, search, schema, context) {
      return pageFrom(targetOf(resource, search), await send(resource, { search }, context), schema);
    },
    async pageOf(series, resource, search, schema, context) {
      const found = await resourceOf(series, resource, context);
      if (found === undefined) return undefined;
      const target = targetOf(found, search);
      const response = await present(await exchange(target, {}, context), context);
      return response && pageFrom(target, response, schema);
    },
    async follow(next, schema, context) {
      const response = await present(await exchange(next, {}, context), context);
      if (response === undefined) throw new AnySeriesError('not-found', 'status 403: the series was deleted while it was read');
      return pageFrom(next, response, schema);
    },
    async ping(context) {
      await http.request({ path: `${prefix}/ping`, purpose: 'read' }, context);
    },
  };
}

async function allowed(response: HttpResponse): Promise<HttpResponse> {
  if (response.status !== 403) return response;
  throw refusal(await response.text());
}

/** The error of a 403 that is about the credentials. */
export function refusal(text: string): AnySeriesError {
  const { message } = statusError(403, text);
  const advice = "check the settings 'key' and 'secret', or TEMPODB_API_KEY and TEMPODB_API_SECRET";
  return new AnySeriesError('forbidden', `${message}: the service refuses these credentials; ${advice}`);
}
