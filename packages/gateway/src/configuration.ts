import { invalid } from '@anyseries/core/provider';
import * as z from 'zod/mini';

/** One more listener, bound to one protocol: everything that arrives on it is that protocol's, whatever the path. */
export interface ProtocolListener {
  /** The id of the protocol: `tempodb`. */
  readonly protocol: string;
  /** `0` takes a free one. */
  readonly port: number;
  /** Default: `host` of the gateway. */
  readonly host?: string | undefined;
  /** Whether it speaks TLS, with the certificate of `tls`; default `false`. */
  readonly tls?: boolean | undefined;
}

/** HTTPS beside HTTP, or instead of it. */
export interface TlsConfiguration {
  /** The certificate with its chain: a PEM file, or the PEM text itself. */
  readonly cert: string;
  /** Its private key: a PEM file, or the PEM text itself. */
  readonly key: string;
  /** Default 8443; `0` takes a free one. */
  readonly port?: number | undefined;
  /** Default: `host` of the gateway. */
  readonly host?: string | undefined;
}

/** How often one remote address may ask. An IPv6 address counts with its /64 network. */
export interface RateLimit {
  /** Requests per second in the long run. */
  readonly perSecond: number;
  /** Requests at once after a rest; default: those of one second, at least 1. */
  readonly burst?: number | undefined;
}

/** What one request, and all together, may take. */
export interface Limits {
  /** Bytes of a request's body; default 16 MiB. A longer one is answered 413. */
  readonly bodyBytes?: number | undefined;
  /** Bytes of all bodies that are held at one time; default 256 MiB. Beyond, requests with a body are answered 503. */
  readonly heldBytes?: number | undefined;
  /** Bytes of a request line and its headers; default 16 KiB. Longer ones are answered 431. */
  readonly headerBytes?: number | undefined;
  /** Connections at one time on each listener; default 10,000. Further ones are closed. */
  readonly connections?: number | undefined;
}

/** How long things may take, in milliseconds. */
export interface Timeouts {
  /** From the first byte of a request to the end of its headers; default 20,000. Then 408. */
  readonly headersMs?: number | undefined;
  /** From the first byte of a request to the end of its body; default 120,000. Then 408. */
  readonly requestMs?: number | undefined;
  /** From the end of the body to the beginning of the answer; default 60,000. Then 504: a write may have been stored. */
  readonly handlingMs?: number | undefined;
  /** A connection on which nothing moves for so long beyond `handlingMs`: a client that does not read; default 60,000. Then it is closed. */
  readonly idleMs?: number | undefined;
  /** A connection between two requests; default 30,000. Then it is closed. */
  readonly keepAliveMs?: number | undefined;
  /** What requests in flight get to end when the gateway stops; default 10,000. */
  readonly stopMs?: number | undefined;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogConfiguration {
  /** The least that is written: `info` has one line per request, `warn` none but what fails; default `info`. */
  readonly level?: LogLevel | undefined;
  /** Default `stdout`. */
  readonly to?: 'stdout' | 'stderr' | undefined;
}

/** A project to be there. */
export interface ProjectConfiguration {
  readonly name: string;
  /** The address of its store; default: one beside the main store. */
  readonly store?: string | undefined;
}

/** Everything that a configuration file can say. Relative paths start at the working directory. */
export interface GatewayConfiguration {
  /** The main store: records of the gateway and the points of the project `default`. Default `sqlite:./data.db`. */
  readonly store?: string | undefined;
  /**
   * The file with the key that seals secrets in the store; made where it is missing, readable by its owner alone. The variable
   * `ANYSERIES_GATEWAY_KEY` (32 bytes in hexadecimal digits or base64) goes first. Default: the file of the main store with `.key` behind, if that
   * is one.
   */
  readonly keyFile?: string | undefined;
  /** The module of a store by the scheme of its address, where it is not the package `@anyseries/<scheme>` or `anyseries-<scheme>`. */
  readonly storeModules?: Readonly<Record<string, string>> | undefined;
  /** The protocols to serve: ids (`tempodb`), package names or paths of modules. Default: all that installed packages have. */
  readonly protocols?: readonly string[] | undefined;
  /** Settings of protocol servers, by the protocol's id. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** Projects that are made at the start where they are missing; `default` always is. */
  readonly projects?: readonly ProjectConfiguration[] | undefined;
  /** The address to listen at; default `127.0.0.1`: this machine alone. `::` is every address. */
  readonly host?: string | undefined;
  /** The port of plain HTTP; default 8484; `0` takes a free one, `false` does without. */
  readonly port?: number | false | undefined;
  readonly tls?: TlsConfiguration | undefined;
  readonly listeners?: readonly ProtocolListener[] | undefined;
  /** The prefix of a protocol's paths, by its id; default `/<id>`. */
  readonly prefixes?: Readonly<Record<string, string>> | undefined;
  /** Host names that belong to one protocol, by its id; below them its paths need no prefix and no guess. */
  readonly hosts?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whether `/-/` and `/metrics` are there; default `true`. `/health` always is. */
  readonly pages?: boolean | undefined;
  /** Origins whose pages may call the gateway from a browser (`https://example.org`), or `*`; default none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Default: no limit. */
  readonly rateLimit?: RateLimit | undefined;
  /** Addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; default none. */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  readonly timeouts?: Timeouts | undefined;
  readonly log?: LogConfiguration | undefined;
}

/** Options with nothing left out. */
export type Filled<T> = { readonly [name in keyof T]-?: NonNullable<T[name]> };

const defaultLimits: Filled<Limits> = {
  bodyBytes: 16 * 1024 * 1024,
  heldBytes: 256 * 1024 * 1024,
  headerBytes: 16 * 1024,
  connections: 10_000,
};

const defaultTimeouts: Filled<Timeouts> = {
  headersMs: 20_000,
  requestMs: 120_000,
  handlingMs: 60_000,
  idleMs: 60_000,
  keepAliveMs: 30_000,
  stopMs: 10_000,
};

export const limitsOf = ({ limits }: GatewayConfiguration): Filled<Limits> => filled(defaultLimits, limits);

export const timeoutsOf = ({ timeouts }: GatewayConfiguration): Filled<Timeouts> => filled(defaultTimeouts, timeouts);

function filled<T extends object>(defaults: T, given: object = {}): T {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

const text = z.string().check(z.minLength(1, 'is empty'));
const port = z.int('is no port').check(z.gte(0, 'is no port'), z.lte(65_535, 'is no port'));
const positive = z.number('is no number above 0').check(z.gt(0, 'is no number above 0'));
const count = z.int('is no whole number above 0').check(z.gte(1, 'is no whole number above 0'));
const milliseconds = z
  .int('is no whole number of milliseconds above 0')
  .check(
    z.gte(1, 'is no whole number of milliseconds above 0'),
    z.lte(0x7fffffff, 'is more milliseconds than a timer can wait: at most 2147483647'),
  );
const origin = z.string().check(z.refine(isOrigin, 'is no origin such as https://example.org, and not *'));
const prefix = z.string().check(z.regex(/^(\/[\w.~-]+)+$/, 'is no prefix such as /tempodb'));

const schema = z.strictObject({
  store: z.optional(text),
  keyFile: z.optional(text),
  storeModules: z.optional(z.record(text, text)),
  protocols: z.optional(z.array(text)),
  settings: z.optional(z.record(text, z.record(z.string(), z.unknown()))),
  projects: z.optional(z.array(z.strictObject({ name: text, store: z.optional(text) }))),
  host: z.optional(text),
  port: z.optional(z.union([port, z.literal(false)], 'is no port and not false')),
  tls: z.optional(z.strictObject({ cert: text, key: text, port: z.optional(port), host: z.optional(text) })),
  listeners: z.optional(z.array(z.strictObject({ protocol: text, port, host: z.optional(text), tls: z.optional(z.boolean()) }))),
  prefixes: z.optional(z.record(text, prefix)),
  hosts: z.optional(z.record(text, z.array(text))),
  pages: z.optional(z.boolean()),
  corsOrigins: z.optional(z.array(origin)),
  rateLimit: z.optional(z.strictObject({ perSecond: positive, burst: z.optional(count) })),
  trustedProxies: z.optional(z.array(text)),
  limits: z.optional(
    z.strictObject({
      bodyBytes: z.optional(count),
      heldBytes: z.optional(count),
      headerBytes: z.optional(count),
      connections: z.optional(count),
    }),
  ),
  timeouts: z.optional(
    z.strictObject({
      headersMs: z.optional(milliseconds),
      requestMs: z.optional(milliseconds),
      handlingMs: z.optional(milliseconds),
      idleMs: z.optional(milliseconds),
      keepAliveMs: z.optional(milliseconds),
      stopMs: z.optional(milliseconds),
    }),
  ),
  log: z.optional(
    z.strictObject({
      level: z.optional(z.enum(['debug', 'info', 'warn', 'error', 'silent'])),
      to: z.optional(z.enum(['stdout', 'stderr'])),
    }),
  ),
});

/**
 * Checks a configuration; `source` stands before the path of what is wrong: the name of the file.
 *
 * @throws AnySeriesError `invalid` that names the path: `gateway.json: limits.bodyBytes: is no whole number above 0`
 */
export function checkConfiguration(input: unknown, source: string): GatewayConfiguration {
  const result = z.safeParse(schema, input, { error: problemOf });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0]!].join('.');
    throw invalid(source, `${path}: there is no such option`);
  }
  const path = issue.path.join('.');
  throw invalid(source, path === '' ? issue.message : `${path}: ${issue.message}`);
}

const kinds: Readonly<Record<string, string>> = {
  string: 'is no text',
  boolean: 'is neither true nor false',
  array: 'is no list',
  object: 'is no object',
  record: 'is no object',
};

/** What is wrong with a value for which its part of the schema has no words of its own. */
function problemOf(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_value') return `is none of ${issue.values.join(', ')}`;
  return (issue.code === 'invalid_type' ? kinds[issue.expected] : undefined) ?? 'is not as it must be';
}

function isOrigin(candidate: string): boolean {
  return candidate === '*' || (URL.canParse(candidate) && new URL(candidate).origin === candidate);
}
