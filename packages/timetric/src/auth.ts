import { AnySeriesError, type Clock } from '@anyseries/core';
import { createTokenStore } from '@anyseries/core/provider';
import { writeAuthorization } from './oauth/authorization-header.ts';
import type { Parameter, SignedUrl } from './oauth/base-string.ts';
import { createNonce, type KeyPair, signRequest } from './oauth/sign.ts';
import type { Connection } from './settings.ts';
import { readForm } from './wire/form.ts';

/** A request as far as its credentials depend on it. */
export interface AuthorizedRequest {
  readonly method: string;
  readonly url: string;
  /** The body, if it is a form. */
  readonly form?: string | undefined;
}

/** Makes the header `Authorization` of requests, anew for each attempt at one: a signature is good once. */
export interface Authorizer {
  /** @throws AnySeriesError `unauthenticated` where no user has given the application access yet */
  header(request: AuthorizedRequest): Promise<string>;
  /** Signs a step of the exchange by which an application gets an access token. @throws AnySeriesError `unsupported` for an API token */
  exchangeHeader(request: AuthorizedRequest, token: KeyPair | undefined, more: readonly Parameter[]): Promise<string>;
  /** Uses an access token from now on, and keeps it for the next run. */
  keep(token: KeyPair): Promise<void>;
}

export function createAuthorizer({ authentication, origin, prefix, tokenStore }: Connection, clock: Clock): Authorizer {
  if (authentication.kind === 'apitoken') {
    const header = basicAuthorization(authentication);
    const noOAuth = () => {
      throw new AnySeriesError('unsupported', 'an API token needs no authorisation; for OAuth give consumerKey and consumerSecret instead');
    };
    return { header: async () => header, exchangeHeader: noOAuth, keep: noOAuth };
  }

  const { consumer } = authentication;
  const store = tokenStore ?? createTokenStore();
  const name = `timetric ${origin}${prefix} ${consumer.key}`;
  let current: Promise<KeyPair | undefined> | undefined;

  function token(): Promise<KeyPair | undefined> {
    current ??= (
      authentication.kind === 'oauth' && authentication.token !== undefined ? Promise.resolve(authentication.token) : load()
    ).catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  }

  async function load(): Promise<KeyPair | undefined> {
    const { token: key, tokenSecret: secret } = (await store.load(name)) ?? {};
    return key === undefined || secret === undefined ? undefined : { key, secret };
  }

  async function sign(
    { method, url, form = '' }: AuthorizedRequest,
    signer: KeyPair | undefined,
    more: readonly Parameter[],
  ): Promise<string> {
    const request = { method, url: signedUrl(url), parameters: [...new URL(url).searchParams, ...readForm(form)] };
    const timestamp = Math.floor(clock.now() / 1000);
    return writeAuthorization(await signRequest(request, { consumer, token: signer, more, nonce: createNonce(), timestamp }));
  }

  return {
    async header(request) {
      const access = await token();
      if (access === undefined)
        throw new AnySeriesError(
          'unauthenticated',
          "the application has no access token yet: give 'token' and 'tokenSecret', or let a user approve it (getRequestToken, getAuthorizeUrl, getAccessToken)",
        );
      return sign(request, access, []);
    },
    exchangeHeader: sign,
    async keep(access) {
      current = Promise.resolve(access);
      await store.save(name, { token: access.key, tokenSecret: access.secret });
    },
  };
}

function signedUrl(url: string): SignedUrl {
  const { protocol, host, pathname } = new URL(url);
  return { scheme: protocol === 'http:' ? 'http' : 'https', host, path: pathname };
}

/** Basic, over UTF-8; the service never asks for it, so it goes with every request. */
function basicAuthorization({ key, secret }: KeyPair): string {
  const bytes = new TextEncoder().encode(`${key}:${secret}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
