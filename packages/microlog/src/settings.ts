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
import { createGraphRegistry, type GraphRegistry } from './graph-registry.ts';

/** What stands behind an address: the original server or one that is just like it, or a gateway with the EXTENSION. */
export type MicrologServer = 'original' | 'gateway';

/** Settings of Microlog, beside those that every provider takes. */
export interface MicrologSettings<S extends MicrologServer = MicrologServer> extends ProviderSettings {
  /**
   * What can be asked of the server, as a literal. An `original` takes points and tells nothing; one request carries one series, because several
   * end its process. A `gateway` can be read, and remembers what it has stored. Default `gateway`.
   */
  readonly server?: S | undefined;
  /**
   * Where the service is: `microlog://username:token@host:port/`, with TLS unless it ends in `?secure=false`, or an `https:` or `http:` address, of
   * the site or of its API. Default: the variable `ANYSERIES_MICROLOG_URL`, then `https://microlog-metrics.herokuapp.com`.
   */
  readonly url?: string | undefined;
  /** The account's name. Default: that in the address, then the variable `MICROLOG_USERNAME`. */
  readonly username?: string | undefined;
  /** The account's API token, which its dashboard shows. Default: that in the address, then the variable `MICROLOG_API_TOKEN`. */
  readonly token?: string | undefined;
  /**
   * The account's password: lets graphs be looked up on the dashboard, and be made for series that have none. Default: the variable
   * `MICROLOG_PASSWORD`; without either, no graph is made.
   */
  readonly password?: string | undefined;
  /** With `server: 'original'`: the ids of graphs by series, or a registry that keeps them. A gateway tells the ids itself. */
  readonly graphs?: Readonly<Record<string, string>> | GraphRegistry | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt at a request, the answer included. Milliseconds, default 30,000: what the service's host waited. */
  readonly timeoutMs?: number | undefined;
}

/** Settings with everything that the environment adds. */
export interface Connection {
  readonly server: MicrologServer;
  /** `https://microlog-metrics.herokuapp.com` */
  readonly origin: string;
  /** The path in front of `/graphs`, without a slash at its end; mostly empty. */
  readonly prefix: string;
  /** @throws AnySeriesError `unauthenticated` that names the setting and the variable */
  credentials(): Credentials;
  /** @throws AnySeriesError `unauthenticated` that names the setting and the variable */
  login(): { readonly username: string; readonly password: string };
  readonly hasPassword: boolean;
  readonly graphs: GraphRegistry;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly timeoutMs: number;
  readonly provider: ProviderSettings;
}

export interface CheckedSettings {
  readonly server: MicrologServer;
  readonly provider: ProviderSettings;
  /** Reads the variables. @throws AnySeriesError `invalid` that names the setting or the variable */
  connection(): Connection;
}

interface Address {
  readonly origin: string;
  readonly prefix: string;
  readonly username: string | undefined;
  readonly token: string | undefined;
}

const originalUrl = 'https://microlog-metrics.herokuapp.com';
/** The names of all settings, for checks of unknown ones. */
export const settingNames: readonly string[] = [
  'server',
  'url',
  'username',
  'token',
  'password',
  'graphs',
  'headers',
  'fetch',
  'timeoutMs',
  ...providerSettingNames,
];

/** @throws AnySeriesError `invalid` that names the setting, and never shows an address: there may be a token in it */
export function checkSettings(given: string | MicrologSettings = {}): CheckedSettings {
  const settings = checkObject(typeof given === 'string' ? { url: given } : given, settingNames, 'settings') as MicrologSettings;
  const { server = 'gateway', url, headers = {}, fetch, timeoutMs = 30_000 } = settings;
  if (server !== 'original' && server !== 'gateway') throw invalid('server', `${show(server)} is neither 'original' nor 'gateway'`);
  const told = url === undefined || url === '' ? undefined : readAddress(url, 'url');
  const graphs = checkGraphs(settings.graphs, server);
  checkHeaders(headers);
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('fetch', `${show(fetch)} is no function`);
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fffffff)) throw invalid('timeoutMs', `${show(timeoutMs)} is no positive number of milliseconds`);
  const provider = checkProviderSettings(settings);
  return {
    server,
    provider,
    connection() {
      const { origin, prefix, ...inUrl } = told ?? addressFromEnvironment();
      const username = () => readCredential(settings.username || inUrl.username, { setting: 'username', variable: 'MICROLOG_USERNAME' });
      const password = { setting: 'password', variable: 'MICROLOG_PASSWORD' };
      return {
        server,
        origin,
        prefix,
        credentials: () => ({
          username: username(),
          token: readCredential(settings.token || inUrl.token, { setting: 'token', variable: 'MICROLOG_API_TOKEN' }),
        }),
        login: () => ({ username: username(), password: readCredential(settings.password, password) }),
        hasPassword: (settings.password || readVariable(password.variable)) !== undefined,
        graphs,
        headers,
        fetch,
        timeoutMs,
        provider,
      };
    },
  };
}

function addressFromEnvironment(): Address {
  const variable = 'ANYSERIES_MICROLOG_URL';
  return readAddress(readVariable(variable) ?? originalUrl, variable);
}

/** Reads an address of any of the three schemes. `field` is the setting or variable that holds it. */
function readAddress(text: unknown, field: string): Address {
  const form = "'microlog://username:token@host:port/' or 'https://host/'";
  if (typeof text !== 'string' || !/^(microlog|https?):\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    throw invalid(field, `is no address such as ${form}`);
  const { protocol, searchParams, hash } = new URL(text);
  for (const name of searchParams.keys()) {
    if (protocol !== 'microlog:' || name !== 'secure') throw invalid(field, `the parameter ${show(name)} means nothing in such an address`);
  }
  if (hash !== '') throw invalid(field, 'an address has no part behind #');
  const secure = protocol === 'microlog:' ? isSecure(searchParams.get('secure') ?? 'true', field) : protocol === 'https:';
  // only as http or https are default ports left out and hosts normalised
  const plain = text.replace(/^\w+/, secure ? 'https' : 'http');
  if (!URL.canParse(plain)) throw invalid(field, `is no address such as ${form}`);
  const { origin, pathname, username, password } = new URL(plain);
  return {
    origin,
    // what the original client calls the address of the website is that of the API
    prefix: pathname.replace(/\/+$/, '').replace(/\/graphs\/api$/i, ''),
    username: decodePart(username, field),
    token: decodePart(password, field),
  };
}

function decodePart(part: string, field: string): string | undefined {
  try {
    return decodeURIComponent(part) || undefined;
  } catch {
    throw invalid(field, 'the user name or token in the address has a % that is no escape: write %25 for a percent sign');
  }
}

function isSecure(text: string, field: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalid(field, `secure is ${show(text)}, neither 'true' nor 'false'`);
}

function checkGraphs(graphs: unknown, server: MicrologServer): GraphRegistry {
  if (graphs === undefined) return createGraphRegistry();
  if (server === 'gateway') throw invalid('graphs', "is for server: 'original'; a gateway tells the ids of its graphs itself");
  if (typeof graphs !== 'object' || graphs === null || Array.isArray(graphs))
    throw invalid('graphs', `${show(graphs)} is no record of graph ids by series, and no registry`);
  const { get, set } = graphs as Partial<GraphRegistry>;
  if (typeof get === 'function' && typeof set === 'function') return graphs as GraphRegistry;
  for (const [series, graph] of Object.entries(graphs))
    if (typeof graph !== 'string' || graph === '') throw invalid(`graphs.${series}`, `${show(graph)} is no id of a graph`);
  return createGraphRegistry(graphs as Readonly<Record<string, string>>);
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
