import { AnySeriesError, type Clock, type ErrorCode, isAnySeriesError } from '@anyseries/core';
import { createHttp, type HttpRequest, type HttpResponse, parseJson, statusError } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import { createTokens, type Tokens } from './auth.ts';
import type { Connection, TokenUse } from './settings.ts';
import { type Fault, faultCodes, parseFault } from './wire/fault.ts';
import { isObject } from './wire/json.ts';

/** How a request shows who asks: by a project token, by a header of its own, or not at all. */
export type Authorization = TokenUse | { readonly authorization: string } | 'none';

export type ServiceRequest = Omit<HttpRequest, 'purpose' | 'accept'>;

/** Requests that are no batches of points, with credentials, and with the service's own errors. */
export interface Exchange {
  readonly tokens: Tokens;
  /** Answers 2xx. @throws AnySeriesError whose cause is a {@link Fault} where the service told one */
  request(request: ServiceRequest, authorization: Authorization, context: CallContext): Promise<HttpResponse>;
}

/** Statuses whose answers tell in JSON what is wrong. */
const refusals = [400, 401, 403, 404, 405, 413, 422] as const;

export function createExchange(connection: Connection, clock: Clock): Exchange {
  const { origin, prefix, headers, fetch, timeoutMs, provider, tokenFor, tokenStore } = connection;
  const http = createHttp({ ...provider, url: `${origin}${prefix}`, headers, fetch, timeoutMs });
  const tokens = createTokens({ given: tokenFor, refresh, clock, store: tokenStore });

  /** Ends with its attempts, not with the call that happened to ask first: others wait for it too. */
  async function refresh(token: string): Promise<string | undefined> {
    const request = { method: 'POST', path: '/v1/tokens/project', json: { refresh_token: token }, idempotent: true } as const;
    const context = { clock, signal: new AbortController().signal };
    const answer = await http.request({ ...request, purpose: 'manage', accept: refusals }, context);
    return answer.status < 300 ? readToken(await answer.text()) : undefined;
  }

  function send(request: ServiceRequest, authorization: string | undefined, context: CallContext): Promise<HttpResponse> {
    const own = authorization === undefined ? {} : { authorization };
    return http.request({ ...request, headers: { ...request.headers, ...own }, purpose: 'manage', accept: refusals }, context);
  }

  async function sendWithToken(request: ServiceRequest, use: TokenUse, context: CallContext): Promise<HttpResponse> {
    const token = await tokens.current(use);
    const answer = await send(request, `Bearer ${token}`, context);
    if (answer.status !== 401) return answer;
    const renewed = await tokens.renew(use, token);
    return renewed === undefined ? answer : send(request, `Bearer ${renewed}`, context);
  }

  return {
    tokens,
    async request(request, authorization, context) {
      const answer =
        authorization === 'read' || authorization === 'write'
          ? await sendWithToken(request, authorization, context)
          : await send(request, authorization === 'none' ? undefined : authorization.authorization, context);
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

/** The error of a refusal. What the service says of it is its `cause`, see {@link faultOf}. */
export function errorOf(status: number, body: string): AnySeriesError {
  const fault = parseFault(status, body);
  if (fault === undefined) return statusError(status, body);
  const code = fault.code === faultCodes.typeConflict ? 'invalid' : (codeOfStatus[status] ?? 'protocol');
  const details = fault.details === undefined ? '' : ` (${fault.details})`;
  return new AnySeriesError(code, `${fault.message}${details} [iobeam error ${fault.code}]`, { cause: fault });
}

/** What the service said when it refused; `undefined` for other errors. Code 150: the device id is taken. */
export function faultOf(error: unknown): Fault | undefined {
  const cause = isAnySeriesError(error) ? error.cause : undefined;
  return isObject(cause) && typeof cause.code === 'number' && typeof cause.status === 'number' ? (cause as unknown as Fault) : undefined;
}
