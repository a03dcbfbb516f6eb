import { AnySeriesError, systemClock } from '@anyseries/core';
import { createHttp, type HttpRequest, type HttpResponse, path, readJson } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import { type Authorizer, createAuthorizer } from '../auth.ts';
import type { Parameter } from '../oauth/base-string.ts';
import type { KeyPair } from '../oauth/sign.ts';
import type { Connection } from '../settings.ts';
import { createdAnswer } from '../wire/answers.ts';
import { formText, readForm } from '../wire/form.ts';
import { seriesIdOf } from '../wire/series-id.ts';

export interface ServiceRequest extends Pick<HttpRequest, 'idempotent' | 'accept' | 'headers'> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the prefix: `/series/ID/`. */
  readonly path: string;
  readonly search?: readonly Parameter[];
  readonly form?: readonly Parameter[];
  readonly csv?: string;
  readonly json?: unknown;
}

/** A step of the exchange for an access token, which is signed in its own way. */
export interface ExchangeRequest {
  readonly path: string;
  readonly token?: KeyPair | undefined;
  readonly more: readonly Parameter[];
}

/** Requests to the service; what both the client and the provider stand on. */
export interface Service {
  /** @throws AnySeriesError of the status */
  send(request: ServiceRequest, context: CallContext): Promise<HttpResponse>;
  /** Makes a series; answers its id. */
  create(parameters: readonly Parameter[], csv: string | undefined, context: CallContext): Promise<string>;
  /** The fields of the answer to a step of the exchange. */
  exchange(request: ExchangeRequest, context: CallContext): Promise<ReadonlyMap<string, string>>;
  /** The address of something that a browser opens. */
  addressOf(path: string, search: readonly Parameter[]): string;
  readonly authorizer: Authorizer;
}

const formType = 'application/x-www-form-urlencoded';
/** How creation answers: by a redirect that is read and not followed, or, to who asks for JSON, by 201. */
const redirects = [302, 303];

export function createService(connection: Connection): Service {
  const { origin, prefix, headers, fetch, timeoutMs, provider } = connection;
  const { retry, random, clock = systemClock } = provider;
  const authorizer = createAuthorizer(connection, clock);
  const openHttp = (header: Authorizer['header']) =>
    createHttp({
      url: origin,
      headers,
      fetch,
      timeoutMs,
      retry,
      random,
      // called for each attempt
      async authorize(request) {
        const isForm = request.headers.get('content-type')?.startsWith(formType) ?? false;
        const form = isForm ? await request.clone().text() : undefined;
        request.headers.set('authorization', await header({ method: request.method, url: request.url, form }));
        return request;
      },
    });
  const http = openHttp(authorizer.header);

  async function send(request: ServiceRequest, context: CallContext): Promise<HttpResponse> {
    const { method = 'GET', path: target, search = [], form, csv, json, headers: own, idempotent, accept } = request;
    const body = csv ?? (form === undefined ? (json === undefined ? undefined : JSON.stringify(json)) : formText(form));
    const type = csv !== undefined ? 'text/csv' : form !== undefined ? formType : 'application/json';
    return http.request(
      {
        method,
        path: prefix + target + (search.length === 0 ? '' : `?${formText(search)}`),
        purpose: 'manage',
        headers: { ...own, ...(body === undefined ? {} : { 'content-type': type }) },
        ...(body === undefined ? {} : { body }),
        ...(idempotent === undefined ? {} : { idempotent }),
        ...(accept === undefined ? {} : { accept }),
      },
      context,
    );
  }

  return {
    send,
    authorizer,
    addressOf: (target, search) => `${origin}${prefix}${target}${search.length === 0 ? '' : `?${formText(search)}`}`,
    async create(parameters, csv, context) {
      // with a body of CSV the parameters go into the query: every signature counts them there
      const carrier = csv === undefined ? { form: parameters } : { search: parameters, csv };
      const accepts = { headers: { accept: 'application/json' }, accept: redirects };
      const idempotent = parameters.some(([name]) => name === 'anyseries_key');
      const response = await send({ method: 'POST', path: '/create/', ...carrier, ...accepts, idempotent }, context);
      const id = seriesIdOf(response.headers.get('location') ?? '');
      if (id !== undefined) return id;
      if (response.status === 201) return (await readJson(response, createdAnswer)).name;
      throw new AnySeriesError('protocol', `the answer (status ${response.status}) to the creation of a series does not say where it is`);
    },
    async exchange({ path: target, token, more }, context) {
      const signing = openHttp((request) => authorizer.exchangeHeader(request, token, more));
      const response = await signing.request({ method: 'POST', path: prefix + target, purpose: 'manage' }, context);
      return new Map(readForm(await response.text()));
    },
  };
}

/** The path of something that belongs to a series. */
export function seriesPath(id: string, resource = ''): string {
  return path`/series/${id}/` + resource;
}
