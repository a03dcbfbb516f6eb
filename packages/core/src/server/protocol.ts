import type { Clock } from '../clock.ts';
import type { Json, Store } from '../store.ts';
import type { Credentials } from './credentials.ts';
import type { Vault } from './vault.ts';

/** A request before its body is read: what routing decides by. */
export interface RequestHead {
  readonly method: string;
  /** Path and query exactly as received, nothing decoded or resolved, without the prefix that led here. Begins with `/`. */
  readonly target: string;
  readonly headers: Headers;
}

/** What a server knows of a request beside the `Request`, which has its URL resolved. */
export interface Connection {
  /** Path and query exactly as received, prefix included. */
  readonly target: string;
  /** The beginning of `target` that led to this protocol: `''`, or `/tempodb`. URLs in answers repeat it. */
  readonly prefix: string;
  /** `'1.0'` or `'1.1'`. */
  readonly httpVersion: string;
  /** Whether the request came over TLS. */
  readonly secure: boolean;
  readonly remoteAddress: string | undefined;
}

/**
 * How far a protocol claims a request. Where several claim one, that with `known` goes first, then that with `credentials`, then that with `host`,
 * then that with `fallback`.
 */
export interface Claim {
  /** The path is one of the protocol's resources, not just below a prefix that it uses. */
  readonly known: boolean;
  /** The request carries credentials of the protocol's kind. */
  readonly credentials: boolean;
  /** The host is one that the original service had. */
  readonly host: boolean;
  /** The protocol takes what nobody else can be told to want. */
  readonly fallback: boolean;
}

/** What a protocol server runs on. */
export interface ServerOptions {
  /** Where the points and records of the only project are, and the credentials, unless `project` and `credentials` say otherwise. */
  readonly store: Store;
  /** The store of a project; fails as `not-found` for an unknown one. Default: always `store`. */
  readonly project?: ((id: string) => Promise<Store>) | undefined;
  /** Default: those in the records of `store`. */
  readonly credentials?: Credentials | undefined;
  /** Seals secrets that have to be read again. Without it, what needs one lasts as long as the process. */
  readonly vault?: Vault | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** Is told of failures inside the server, which its answers do not describe: for a log. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** The protocol's own settings, as the configuration of the gateway gives them. Unknown names are refused. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** The server half of a wire protocol, over any store. */
export interface ProtocolServer {
  /** Answers a request. Never throws: what goes wrong is an answer, too. Without `connection`, everything is taken from the request's URL. */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /**
   * Takes over the connection of a request that asks for another protocol, such as a WebSocket: with the arguments of the event `upgrade` of Node's
   * HTTP server. Where it is left out, `fetch` answers such a request as any other. `close` ends these connections, too.
   */
  upgrade?(incoming: unknown, socket: unknown, head: Uint8Array, connection: Connection): void;
  /** Ends what the server has going; the store stays open. */
  close?(): Promise<void>;
}

/** What somebody has to give, or be given, to use a protocol: the flags `--key`, `--secret`, ... of `credentials add`. */
export type CredentialFields = Readonly<Record<string, string>>;

/** How the credentials of a protocol are made, for the tool that manages them. */
export interface CredentialForm {
  /** The names of the fields, the public one first. */
  readonly fields: readonly string[];
  /**
   * Registers credentials for a project. Fields that are not given are made at random. `vault` seals those that have to be read again.
   *
   * @returns all fields, to be shown once
   * @throws AnySeriesError `invalid` that names the field, `conflict` where the public field is taken
   */
  add(given: CredentialFields, project: string, credentials: Credentials, vault?: Vault): Promise<CredentialFields>;
}

/** What the `./server` entry of a package exports as `protocol`, for a gateway to find. */
export interface Protocol {
  /** The provider's id: `tempodb`. */
  readonly id: string;
  /** For people: `TempoDB`. */
  readonly title: string;
  readonly credentials: CredentialForm;
  /** Whether a request is one of this protocol, and how surely; `undefined`: it is not. */
  claim(head: RequestHead): Claim | undefined;
  /** Command lines that show it working, for people who try it. `url` is where it is served, without a slash at the end. */
  examples?(url: string, credentials: CredentialFields): readonly string[];
  /** @throws AnySeriesError `invalid` that names the setting */
  createServer(options: ServerOptions): ProtocolServer;
}

/** What a protocol keeps of a credential beside its secret. */
export type CredentialData = Readonly<Record<string, Json>>;
