import { AnySeriesError } from '@anyseries/core';
import {
  checkObject,
  checkProviderSettings,
  type IdRegistry,
  invalid,
  type ProviderSettings,
  providerSettingNames,
  readVariable,
  show,
  type TokenStore,
} from '@anyseries/core/provider';
import type { KeyPair } from './oauth/sign.ts';

/**
 * Who asks: an API token by `key` and `secret`, or an application by `consumerKey` and `consumerSecret`, which acts for a user by `token` and
 * `tokenSecret`.
 */
export interface TimetricAuthentication {
  /** The key of an API token. Default: that in the address, then the variable `TIMETRIC_APITOKEN_KEY`. */
  readonly key?: string | undefined;
  /** Its secret. Default: that in the address, then the variable `TIMETRIC_APITOKEN_SECRET`. */
  readonly secret?: string | undefined;
  /** The key of an application. Default: the variable `TIMETRIC_CONSUMER_KEY`. */
  readonly consumerKey?: string | undefined;
  /** Its secret; an application whose source is open may have none. Default: the variable `TIMETRIC_CONSUMER_SECRET`. */
  readonly consumerSecret?: string | undefined;
  /** The access token. Default: the variable `TIMETRIC_OAUTH_TOKEN`, then what the token store has. */
  readonly token?: string | undefined;
  /** Its secret. Default: the variable `TIMETRIC_OAUTH_SECRET`, then what the token store has. */
  readonly tokenSecret?: string | undefined;
}

/** Settings of the native client, beside those that every provider takes. */
export interface TimetricSettings extends TimetricAuthentication, ProviderSettings {
  /**
   * Where the service is: `timetric://key:secret@host:port/`, with TLS unless it ends in `?secure=false`, or an `https:` or `http:` address; a path in
   * it goes before those of the service. Default: the variable `ANYSERIES_TIMETRIC_URL`. There is no other default: the service of that name is gone,
   * and its address is somebody else's.
   */
  readonly url?: string | undefined;
  /** Where access tokens are kept for the next run. Default: in memory. */
  readonly tokenStore?: TokenStore | undefined;
  /** Sent with every request, beside the credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt at a request, the answer included. Milliseconds, default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** Settings of the neutral provider. */
export interface TimetricProviderSettings extends TimetricSettings {
  /**
   * Remembers which series stands for a key. A gateway remembers that itself; an original server chooses ids and forgets what they were for, so that
   * there the registry has to last: `idFolder` of `@anyseries/core/node`. Default: in memory.
   */
  readonly registry?: IdRegistry | undefined;
}

/** Who asks, completely. */
export type Authentication =
  | ({ readonly kind: 'apitoken' } & KeyPair)
  | { readonly kind: 'oauth'; readonly consumer: KeyPair; readonly token: KeyPair | undefined };

/** Settings with everything that the environment adds. */
export interface Connection {
  /** `https://timetric.example` */
  readonly origin: string;
  /** The path in front of those of the service, without a slash at its end; mostly empty. */
  readonly prefix: string;
  readonly authentication: Authentication;
  readonly tokenStore: TokenStore | undefined;
  readonly registry: IdRegistry | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly timeoutMs: number;
  readonly provider: ProviderSettings;
}

export interface CheckedSettings {
  readonly provider: ProviderSettings;
  /** Reads the variables. @throws AnySeriesError `unauthenticated` or `invalid` that names the setting and the variable */
  connection(): Connection;
}

interface Address {
  readonly origin: string;
  readonly prefix: string;
  readonly key: string | undefined;
  readonly secret: string | undefined;
}

const authenticationNames = ['key', 'secret', 'consumerKey', 'consumerSecret', 'token', 'tokenSecret'] as const;
const names = ['url', ...authenticationNames, 'tokenStore', 'headers', 'fetch', 'timeoutMs', ...providerSettingNames];
const urlVariable = 'ANYSERIES_TIMETRIC_URL';

/** @throws AnySeriesError `invalid` that names the setting, and never shows an address: there may be a secret in it */
export function checkSettings(given: string | TimetricProviderSettings = {}, more: readonly string[] = []): CheckedSettings {
  const known = [...names, ...more];
  const settings = checkObject(typeof given === 'string' ? { url: given } : given, known, 'settings') as TimetricProviderSettings;
  const { url, tokenStore, registry, headers = {}, fetch, timeoutMs = 30_000 } = settings;
  const told = url === undefined || url === '' ? undefined : readAddress(url, 'url');
  checkAuthentication(settings);
  checkMethods(tokenStore, ['load', 'save'], 'tokenStore');
  checkMethods(registry, ['get', 'claim', 'delete', 'list'], 'registry');
  checkHeaders(headers);
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('fetch', `${show(fetch)} is no function`);
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fffffff)) throw invalid('timeoutMs', `${show(timeoutMs)} is no positive number of milliseconds`);
  const provider = checkProviderSettings(settings);
  return {
    provider,
    connection() {
      const { origin, prefix, ...inUrl } = told ?? addressFromEnvironment();
      const authentication = readAuthentication(settings, inUrl);
      return { origin, prefix, authentication, tokenStore, registry, headers, fetch, timeoutMs, provider };
    },
  };
}

function addressFromEnvironment(): Address {
  const text = readVariable(urlVariable);
  if (text !== undefined) return readAddress(text, urlVariable);
  throw invalid('url', `is missing: give the setting, or set the environment variable ${urlVariable}`);
}

/** Reads an address of any of the three schemes. `field` is the setting or variable that holds it. */
function readAddress(text: unknown, field: string): Address {
  const form = "'timetric://key:secret@host:port/' or 'https://host/'";
  if (typeof text !== 'string' || !/^(timetric|https?):\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    throw invalid(field, `is no address such as ${form}`);
  const { protocol, searchParams, hash } = new URL(text);
  for (const name of searchParams.keys()) {
    if (protocol !== 'timetric:' || name !== 'secure') throw invalid(field, `the parameter ${show(name)} means nothing in such an address`);
  }
  if (hash !== '') throw invalid(field, 'an address has no part behind #');
  const secure = protocol === 'timetric:' ? isSecure(searchParams.get('secure') ?? 'true', field) : protocol === 'https:';
  // only as http or https are default ports left out and hosts normalised
  const plain = text.replace(/^\w+/, secure ? 'https' : 'http');
  if (!URL.canParse(plain)) throw invalid(field, `is no address such as ${form}`);
  const { origin, pathname, username, password } = new URL(plain);
  return {
    origin,
    prefix: pathname.replace(/\/+$/, ''),
    key: decodePart(username, field),
    secret: decodePart(password, field),
  };
}

function decodePart(part: string, field: string): string | undefined {
  try {
    return decodeURIComponent(part) || undefined;
  } catch {
    throw invalid(field, 'the key or secret in the address has a % that is no escape: write %25 for a percent sign');
  }
}

function isSecure(text: string, field: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalid(field, `secure is ${show(text)}, neither 'true' nor 'false'`);
}

/** @throws AnySeriesError `invalid` where two kinds are mixed */
function checkAuthentication(settings: TimetricAuthentication): void {
  for (const name of authenticationNames) {
    const value: unknown = settings[name];
    if (value !== undefined && typeof value !== 'string') throw invalid(name, `${typeof value} is no text`);
  }
  const { key, secret, consumerKey, consumerSecret, token, tokenSecret } = settings;
  if ((key || secret) && (consumerKey || consumerSecret || token || tokenSecret))
    throw invalid('key', 'is for API tokens, and consumerKey is for OAuth: give the one or the other');
  if (key?.includes(':')) throw invalid('key', 'holds a colon, which ends a key in Basic authentication');
}

const variables = {
  key: 'TIMETRIC_APITOKEN_KEY',
  secret: 'TIMETRIC_APITOKEN_SECRET',
  consumerKey: 'TIMETRIC_CONSUMER_KEY',
  consumerSecret: 'TIMETRIC_CONSUMER_SECRET',
  token: 'TIMETRIC_OAUTH_TOKEN',
  tokenSecret: 'TIMETRIC_OAUTH_SECRET',
} as const;

/** What the settings say goes first, then the address, then the environment; of one kind or of the other. @throws AnySeriesError `unauthenticated` */
function readAuthentication(settings: TimetricAuthentication, inUrl: Pick<Address, 'key' | 'secret'>): Authentication {
  const { consumerKey } = settings;
  if (consumerKey) return readOAuth(settings, consumerKey);
  if (settings.key || settings.secret || inUrl.key)
    return { kind: 'apitoken', ...pairOf('key', 'secret', { ...inUrl, ...given(settings) }) };
  const variable = readVariable(variables.consumerKey);
  if (settings.consumerSecret || settings.token || settings.tokenSecret || (variable !== undefined && !readVariable(variables.key)))
    return readOAuth(settings, variable);
  return { kind: 'apitoken', ...pairOf('key', 'secret', settings) };
}

function readOAuth(settings: TimetricAuthentication, consumerKey: string | undefined): Authentication {
  if (consumerKey === undefined) throw missing('consumerKey');
  const secret = settings.consumerSecret ?? readVariable(variables.consumerSecret) ?? '';
  const token = settings.token || settings.tokenSecret || readVariable(variables.token) || readVariable(variables.tokenSecret);
  return {
    kind: 'oauth',
    consumer: { key: consumerKey, secret },
    token: token ? pairOf('token', 'tokenSecret', settings) : undefined,
  };
}

function given(settings: TimetricAuthentication): TimetricAuthentication {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value));
}

/** Both halves of a pair. @throws AnySeriesError `unauthenticated` that names the half that is missing */
function pairOf(key: keyof typeof variables, secret: keyof typeof variables, settings: TimetricAuthentication): KeyPair {
  const read = (name: keyof typeof variables) => {
    const value = settings[name] || readVariable(variables[name]);
    if (value === undefined) throw missing(name);
    return value;
  };
  return { key: read(key), secret: read(secret) };
}

function missing(name: keyof typeof variables): AnySeriesError {
  return new AnySeriesError(
    'unauthenticated',
    `${show(name)} is missing: give the setting, or set the environment variable ${variables[name]}`,
  );
}

function checkMethods(candidate: unknown, methods: readonly string[], field: string): void {
  if (candidate === undefined) return;
  const own = (candidate ?? {}) as Readonly<Record<string, unknown>>;
  const lacking = methods.find((method) => typeof own[method] !== 'function');
  if (lacking !== undefined) throw invalid(field, `${show(candidate)} has no ${lacking}()`);
}

function checkHeaders(headers: unknown): void {
  try {
    if (typeof headers === 'object' && headers !== null && !Array.isArray(headers))
      return void new Headers(headers as Record<string, string>);
  } catch {
    // a name or value that no header can have; it may be a secret and is not shown
  }
  throw invalid('headers', 'is no record of the names and values of headers');
}
