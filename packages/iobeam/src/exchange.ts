import { AnySeriesError, type Clock, type ErrorCode } from '@anyseries/core';
import { createHttp, type HttpRequest, type HttpResponse, parseJson, statusError } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import { createTokens, type Tokens } from './auth.ts';
import type { Connection, TokenUse } from './settings.ts';
import { faultCodes, parseFault } from './wire/fault.ts';
import { isObject } from './wire/json.ts';

/** How a request shows who asks: by a project token, by a header of its own, or not at all. `renew` gets another header after a 401. */
export type Authorization = TokenUse | { readonly authorization: string; readonly renew?: () => Promise<string | undefined> } | 'none';

export type ServiceRequest = Omit<HttpRequest, 'purpose' | 'accept' | 'search'> & {
  /** Names that repeat need a `URLSearchParams`. */
  readonly search?: Readonly<Record<string, string>> | URLSearchParams;
};

/** Requests that are no batches of points, with credentials, and with the service's own errors. */
export interface Exchange {
  readonly tokens: Tokens;
  /** Answers 2xx. @throws AnySeriesError whose cause is a `Fault` where the service told one */
  request(request: ServiceRequest, authorization: Authorization, context: CallContext): Promise<HttpResponse>;
}

/** Statuses whose answers tell in JSON what is wrong. */
const refusals = [400, 401, 403, 404, 405, 413, 422] as const;

export function createExchange(connection: Connection, clock: Clock): Exchange {
  const { origin, prefix, headers, fetch, timeoutMs, provider, tokenFor, tokenStore } = connection;
  const { retry, random } = provider;
  const http = createHttp({ url: `${origin}${prefix}`, headers, fetch, timeoutMs, retry, random });
  const tokens = createTokens({ given: tokenFor, refresh, clock, store: tokenStore });

  /** Ends with its attempts, not with the call that happened to ask first: others wait for it too. */
  async function refresh(token: string): Promise<string | undefined> {
    const request = { method: 'POST', path: '/v1/tokens/project', json: { refresh_token: token }, idempotent: true } as const;
    const context = { clock, signal: new AbortController().signal };
    const answer = await http.request({ ...request, purpose: 'manage', accept: refusals }, context);
    return answer.status < 300 ? readToken(await answer.text()) : undefined;
  }

  function send({ search, ...request }: ServiceRequest, authorization: string | undefined, context: CallContext): Promise<HttpResponse> {
    const query = new URLSearchParams(search).toString();
    const target = query === '' ? request.path : `${request.path}?${query}`;
    const own = authorization === undefined ? {} : { authorization };
    return http.request(
      { ...request, path: target, headers: { ...request.headers, ...own }, purpose: 'manage', accept: refusals },
      context,
    );
  }

  /** The header to begin with, and how to get another one. */
  async function headerFor(authorization: Authorization): Promise<{ first?: string; renew?: () => Promise<string | undefined> }> {
    if (authorization === 'none') return {};
    if (typeof authorization === 'object')
      return { first: authorization.authorization, ...(authorization.renew && { renew: authorization.renew }) };
    const token = await tokens.current(authorization);
    const renew = async () => {
      const renewed = await tokens.renew(authorization, token);
      return renewed === undefined ? undefined : `Bearer ${renewed}`;
    };
    return { first: `Bearer ${token}`, renew };
  }

  return {
    tokens,
    async request(request, authorization, context) {
      const { first, renew } = await headerFor(authorization);
      let answer = await send(request, first, context);
      const renewed = answer.status === 401 ? await renew?.() : undefined;
      if (renewed !== undefined) answer = await send(request, renewed, context);
      if (answer.status >= 300) throw errorOf(answer.status, await answer.text());
      return answer;
    },
  };
}

/** The text itself is left out of what goes wrong here: there is a token in it. */
function readToken(text: string): string {
  try {
    const json = parseJson(text);
    if (isObject(json) && typeof json.token === 'string' && json.token !== '') return json.token;
  } catch {
    // told below
  }
  throw new AnySeriesError('protocol', 'the answer to the refresh of a token holds no token');
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'unsupported',
  413: 'too-large',
  422: 'conflict',
};

/** The error of a refusal. What the service says of it is its `cause`, see `faultOf`. */
export function errorOf(status: number, body: string): AnySeriesError {
  const fault = parseFault(status, body);
  if (fault === undefined) return statusError(status, body);
  const code = fault.code === faultCodes.typeConflict ? 'invalid' : (codeOfStatus[status] ?? 'protocol');
  const details = fault.details === undefined ? '' : ` (${fault.details})`;
  return new AnySeriesError(code, `status ${status}: ${fault.message}${details}, error ${fault.code}`, { cause: fault });
}
