import type { Accounts } from './accounts.ts';
import type { Body } from './body.ts';
import type { Graphs } from './graphs.ts';
import type { Sessions } from './sessions.ts';
import type { ServerSettings } from './settings.ts';

/** One request, with what is known of it. */
export interface Call {
  readonly headers: Headers;
  readonly query: URLSearchParams;
  readonly body: Body;
  /** The parts of the path that the route names, decoded. */
  readonly part: Readonly<Record<string, string>>;
  /** Where the protocol is mounted: `''` or `/microlog`. Goes in front of every path in an answer. */
  readonly prefix: string;
  readonly secure: boolean;
}

/** What requests are answered with. */
export interface Parts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly graphs: Graphs;
  readonly settings: ServerSettings;
  /** Whole seconds of the server's clock. */
  now(): number;
  /** Names what arrives, in order. */
  arrival(): string;
}

export type Handler = (call: Call, parts: Parts) => Promise<Response>;
