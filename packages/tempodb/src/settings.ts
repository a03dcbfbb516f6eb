import {
  checkObject,
  checkProviderSettings,
  invalid,
  type ProviderSettings,
  providerSettingNames,
  readCredential,
  readVariable,
  show,
} from '@anyseries/core/provider';
import type { Credentials } from './auth.ts';

/** Settings of TempoDB, beside those that every provider takes. */
export interface TempoDBSettings extends ProviderSettings {
  /**
   * Where the service is: `tempodb://key:secret@host:port/`, with TLS unless it ends in `?secure=false`, or an `https:` or `http:` address. A path
   * in it goes before `/v1`. Default: the variable `ANYSERIES_TEMPODB_URL`, then `TEMPODB_API_HOST`, `TEMPODB_API_PORT` and `TEMPODB_API_SECURE`,
   * then `https://api.tempo-db.com`.
   */
  readonly url?: string | undefined;
  /** The API key. Default: that in the address, then the variable `TEMPODB_API_KEY`. */
  readonly key?: string | undefined;
  /** The API secret. Default: that in the address, then the variable `TEMPODB_API_SECRET`. */
  readonly secret?: string | undefined;
  /** Sent with every request, beside the credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt at a request, the answer included. Milliseconds, default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** Settings with everything that the environment adds. */
export interface Connection {
  /** `https://api.tempo-db.com` */
  readonly origin: string;
  /** The path in front of `/v1`, without a slash at its end; mostly empty. */
  readonly prefix: string;
  readonly credentials: Credentials;
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

const names = ['url', 'key', 'secret', 'headers', 'fetch', 'timeoutMs', ...providerSettingNames];

/** @throws AnySeriesError `invalid` that names the setting, and never shows an address: there may be a secret in it */
export function checkSettings(given: string | TempoDBSettings = {}): CheckedSettings {
  const settings = checkObject(typeof given === 'string' ? { url: given } : given, names, 'settings') as TempoDBSettings;
  const { url, fetch, timeoutMs = 30_000 } = settings;
  const headers = checkHeaders(settings.headers ?? {});
  const told = url === undefined || url === '' ? undefined : readAddress(url, 'url');
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('fetch', `${show(fetch)} is no function`);
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fffffff)) throw invalid('timeoutMs', `${show(timeoutMs)} is no positive number of milliseconds`);
  const provider = checkProviderSettings(settings);
  return {
    provider,
    connection() {
      const { origin, prefix, key, secret } = told ?? addressFromEnvironment();
      const credentials = {
        key: readCredential(settings.key || key, { setting: 'key', variable: 'TEMPODB_API_KEY' }),
        secret: readCredential(settings.secret || secret, { setting: 'secret', variable: 'TEMPODB_API_SECRET' }),
      };
      if (credentials.key.includes(':')) throw invalid('key', 'holds a colon, which ends a key in Basic authentication');
      return { origin, prefix, credentials, headers, fetch, timeoutMs, provider };
    },
  };
}

function addressFromEnvironment(): Address {
  const whole = readVariable('ANYSERIES_TEMPODB_URL');
  if (whole !== undefined) return readAddress(whole, 'ANYSERIES_TEMPODB_URL');
  const [host = 'api.tempo-db.com', port, secure = 'true'] = ['HOST', 'PORT', 'SECURE'].map((part) => readVariable(`TEMPODB_API_${part}`));
  if (/[/?#@\s]/.test(host)) throw invalid('TEMPODB_API_HOST', `${show(host)} is no name of a host`);
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw invalid('TEMPODB_API_PORT', `${show(port)} is no port`);
  const scheme = isSecure(secure, 'TEMPODB_API_SECURE') ? 'https' : 'http';
  return readAddress(`${scheme}://${host}${port === undefined ? '' : `:${port}`}`, 'TEMPODB_API_HOST');
}

/** Reads an address of any of the three schemes. `field` is the setting or variable that holds it. */
function readAddress(text: unknown, field: string): Address {
  const form = "'tempodb://key:secret@host:port/' or 'https://host/'";
  if (typeof text !== 'string' || !/^(tempodb|https?):\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    throw invalid(field, `is no address such as ${form}`);
  const { protocol, searchParams, hash } = new URL(text);
  for (const name of searchParams.keys()) {
    if (protocol !== 'tempodb:' || name !== 'secure') throw invalid(field, `the parameter ${show(name)} means nothing in such an address`);
  }
  if (hash !== '') throw invalid(field, 'an address has no part behind #');
  const secure = protocol === 'tempodb:' ? isSecure(searchParams.get('secure') ?? 'true', field) : protocol === 'https:';
  // only as http or https are default ports left out and hosts normalised
  const plain = text.replace(/^\w+/, secure ? 'https' : 'http');
  if (!URL.canParse(plain)) throw invalid(field, `is no address such as ${form}`);
  const { origin, pathname, username, password } = new URL(plain);
  return {
    origin,
    prefix: pathname.replace(/\/+$/, '').replace(/\/v1$/, ''),
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

/** Headers by their names in lower case, so that those of a request replace them. */
function checkHeaders(headers: unknown): Readonly<Record<string, string>> {
  try {
    if (typeof headers === 'object' && headers !== null && !Array.isArray(headers))
      return Object.fromEntries(new Headers(headers as Record<string, string>));
  } catch {
    // a name or value that no header can have; it may be a secret and is not shown
  }
  throw invalid('headers', 'is no record of the names and values of headers');
}
