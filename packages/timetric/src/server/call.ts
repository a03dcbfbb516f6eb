import type { Accounts } from './accounts.ts';
import type { Content } from './content.ts';
import type { Directory } from './directory.ts';
import type { Nonces } from './nonces.ts';
import type { RequestTokens } from './request-tokens.ts';
import type { Sessions } from './sessions.ts';
import type { ServerSettings } from './settings.ts';

/** One request, with what is known of it. */
export interface Call {
  /** HEAD is GET. */
  readonly method: string;
  /** What is signed. */
  readonly requestMethod: string;
  readonly headers: Headers;
  /** As it was received, prefix included, without the query: what is signed. */
  readonly signedPath: string;
  /** Below the prefix, without the query. */
  readonly path: string;
  /** The query as it was received, without the question mark. */
  readonly query: string;
  /** What the route names of the path, decoded. */
  readonly part: string;
  readonly prefix: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Whether it comes from this machine itself. */
  readonly isLocal: boolean;
  content(): Promise<Content>;
}

/** What requests are answered with. */
export interface Parts {
  readonly accounts: Accounts;
  readonly directory: Directory;
  readonly requestTokens: RequestTokens;
  readonly nonces: Nonces;
  readonly sessions: Sessions;
  readonly settings: ServerSettings;
  /** Epoch milliseconds, fractions as the clock gives them. */
  now(): number;
}

export type Handler = (call: Call, parts: Parts) => Promise<Response>;

/** The address of something below the place where the protocol is served. */
export function addressOf({ scheme, host, prefix }: Pick<Call, 'scheme' | 'host' | 'prefix'>, path: string): string {
  return `${scheme}://${host}${prefix}${path}`;
}
