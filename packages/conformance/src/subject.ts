import type {
  Capabilities,
  Clock,
  Provider,
  ProviderIdentity,
  Store,
  StoreCapabilities,
  TimeSeriesSink,
  TimeSeriesSource,
} from '@anyseries/core';

/** What every connection of a subject gets. */
export interface ConnectOptions {
  /** Time as the suite wants it; give it to the provider, and to everything behind it that knows the time. */
  readonly clock: Clock;
  /** For subjects with a `server`: leads to it, through the faults that a case injects. */
  readonly fetch: typeof globalThis.fetch;
}

/** The far side of an HTTP provider: its protocol server, or a stand-in that keeps to the protocol. Fresh and empty each time. */
export interface SubjectServer {
  fetch(request: Request): Promise<Response> | Response;
  /** Where the server keeps its points. Needed where the provider cannot read (or cannot write): the suite then looks here (or fills it). */
  readonly store?: TimeSeriesSink<StoreCapabilities> & TimeSeriesSource<StoreCapabilities>;
  /** Points that pass core's checks and that the server refuses one by one, with granularity `item`. */
  readonly refused?: readonly { readonly series: string; readonly value: number }[];
  close?(): Promise<void> | void;
}

/** What one store left behind when its process was killed, see {@link commitUntilKilled}. */
export interface CrashRemains {
  /** The store, opened again. */
  readonly store: Store;
  /** How many commits the process had reported as done before it was killed. */
  readonly acknowledged: number;
}

/** What the status of an answer says of a batch of points. */
export type WriteVerdict = 'retry' | 'ambiguous' | 'too-large' | 'bad-batch' | 'refused' | 'auth' | 'config';

/** What the suite tests. */
export interface Subject {
  /** Names the subject in the cases and the report. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** A new connection to a backend that is fresh and empty, each time. */
  connect(options: ConnectOptions): Promise<ProviderIdentity> | ProviderIdentity;
  /** HTTP subjects: the server that `connect` reaches through its `fetch`. Fault injection needs it. */
  server?(options: { readonly clock: Clock }): Promise<SubjectServer> | SubjectServer;
  /** HTTP subjects: whether a request carries points; by default every one with a body. Faults of writes are injected there. */
  carriesPoints?(request: Request): boolean;
  /** HTTP subjects: statuses by which the protocol says something else of a write than core's table does. */
  readonly verdicts?: Readonly<Record<number, WriteVerdict>>;
  /** HTTP subjects: the status by which the protocol says that a series does not exist, so that a read answers nothing. */
  readonly missingSeriesStatus?: number;
  /** Whether `connect` gives a store, with records and transactions. */
  readonly store?: boolean;
  /** Opens again what a closed provider of this subject has kept. */
  reopen?(closed: ProviderIdentity, options: ConnectOptions): Promise<ProviderIdentity> | ProviderIdentity;
  /** Stores that outlive their process: runs {@link commitUntilKilled} in a process of its own, kills it and opens the store again. */
  crash?(options: ConnectOptions): Promise<CrashRemains>;
  /** Frees what the connections of a case have used, after they were closed. */
  cleanup?(): Promise<void> | void;
  /** Credentials that must not appear in any error. */
  readonly secrets?: readonly string[];
}

/** A provider with every method in its type; cases call only what is declared, or expect to be refused. */
export type AnyProvider = Provider<StoreCapabilities>;
