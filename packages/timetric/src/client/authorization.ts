import { AnySeriesError, type CallOptions } from '@anyseries/core';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import type { Parameter } from '../oauth/base-string.ts';
import type { Call } from './call.ts';
import { type LoopbackOptions, listenOnLoopback } from './loopback.ts';
import type { AccessToken, RequestToken, RequestTokenOptions } from './model.ts';

/** The steps by which an application gets a user's access token ("The token exchange" of the protocol document), and all of them at once. */
export interface AuthorizationCalls {
  /** Step 1: asks for a token that a user can approve. By OAuth 1.0a; a service that does not confirm the callback is taken as one of 1.0. */
  getRequestToken(options?: RequestTokenOptions & CallOptions): Promise<RequestToken>;
  /** Step 2: the address that the user opens. Without a token it gets one first, and answers both. */
  getAuthorizeUrl(token?: RequestToken, options?: CallOptions): Promise<{ readonly url: string; readonly token: RequestToken }>;
  /** Step 3: exchanges an approved token, with the verifier that the user was given (1.0a). The client uses the access token from then on and keeps it. */
  getAccessToken(token: RequestToken, verifier?: string, options?: CallOptions): Promise<AccessToken>;
  /**
   * All of it, for programs on a command line: listens for the callback at a port of this machine, has the address opened, waits for the answer and
   * keeps the access token. Only under Node.
   */
  authorize(options: LoopbackOptions): Promise<AccessToken>;
}

export function createAuthorizationCalls(call: Call): AuthorizationCalls {
  async function getRequestToken(input: RequestTokenOptions & CallOptions = {}): Promise<RequestToken> {
    const { callback = 'oob', version = '1.0a', scope, ...options } = input;
    if (version !== '1.0' && version !== '1.0a') throw invalid('version', `${show(version)} is neither '1.0' nor '1.0a'`);
    if (typeof callback !== 'string' || callback === '') throw invalid('callback', `${show(callback)} is no address and not 'oob'`);
    const more: Parameter[] = version === '1.0' ? [] : [['oauth_callback', callback]];
    const path = `/oauth/request_token/${scope === undefined ? '' : `?${new URLSearchParams({ scope })}`}`;
    const fields = await call(options, (service, context) => service.exchange({ path, more }, context));
    const isConfirmed = fields.get('oauth_callback_confirmed') === 'true';
    return { ...readToken(fields), version: version === '1.0a' && isConfirmed ? '1.0a' : '1.0', callback };
  }

  async function getAuthorizeUrl(given?: RequestToken, options?: CallOptions) {
    const token = given ?? (await getRequestToken(options));
    const { key, version, callback } = checkToken(token);
    // 1.0a has told the service already, and must not tell again
    const tellsCallback = version === '1.0' && callback !== 'oob';
    const search: Parameter[] = [['oauth_token', key], ...(tellsCallback ? [['oauth_callback', callback] as const] : [])];
    const url = await call(options, async (service) => service.addressOf('/oauth/authorize/', search));
    return { url, token };
  }

  async function getAccessToken(token: RequestToken, verifier?: string, options?: CallOptions): Promise<AccessToken> {
    const { version } = checkToken(token);
    if (version === '1.0a' && (typeof verifier !== 'string' || verifier === ''))
      throw invalid('verifier', 'is missing: the service shows it to the user, or adds it to the callback as oauth_verifier');
    const more: Parameter[] = version === '1.0a' ? [['oauth_verifier', verifier!.trim()]] : [];
    return call(options, async (service, context) => {
      const access = readToken(await service.exchange({ path: '/oauth/access_token/', token, more }, context));
      await service.authorizer.keep(access);
      return access;
    });
  }

  return {
    getRequestToken,
    getAuthorizeUrl,
    getAccessToken,
    async authorize(options) {
      await using loopback = await listenOnLoopback(options);
      const { signal, deadlineMs } = options;
      const token = await getRequestToken({ callback: loopback.callback, signal, deadlineMs });
      const { url } = await getAuthorizeUrl(token);
      const answer = loopback.answer(token);
      await options.open(url);
      return getAccessToken(token, await answer, { signal, deadlineMs });
    },
  };
}

/** @throws AnySeriesError `protocol` that shows nothing of the answer: there may be a secret in it */
function readToken(fields: ReadonlyMap<string, string>): AccessToken {
  const [key, secret] = [fields.get('oauth_token'), fields.get('oauth_token_secret')];
  if (key === undefined || secret === undefined)
    throw new AnySeriesError('protocol', 'the answer holds no oauth_token and oauth_token_secret');
  return { key, secret };
}

function checkToken(token: unknown): RequestToken {
  const { key, secret, version } = checkObject(token, ['key', 'secret', 'version', 'callback'], 'token') as Partial<RequestToken>;
  if (typeof key !== 'string' || typeof secret !== 'string' || (version !== '1.0' && version !== '1.0a'))
    throw invalid('token', 'is no token of getRequestToken()');
  return token as RequestToken;
}
