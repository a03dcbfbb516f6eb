import type { CallOptions } from '@anyseries/core';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import { createAccountCalls } from './client/account-calls.ts';
import { createCall } from './client/call.ts';
import type { BucketSum, Dataset, GraphEntry, GraphPage, PointCursor, PointRange, WrittenDataset } from './client/model.ts';
import { createQueue, type Queue } from './client/queue.ts';
import { checkQueueOptions, type QueueOptions, queueOptionNames } from './client/queue-options.ts';
import { createReadCalls } from './client/read-calls.ts';
import type { DispatchReport } from './client/tally.ts';
import { createWriteCalls } from './client/write-calls.ts';
import { checkSettings, type MicrologSettings, settingNames } from './settings.ts';
import type { Dashboard, GraphLink } from './wire/pages.ts';

/** Settings of the native client: those of `connect`, and the options of the queue. */
export interface MicrologClientSettings extends Omit<MicrologSettings, 'graphs'>, QueueOptions {
  /** A session that is open: the value of the cookie. Left out, one is opened when it is needed. */
  readonly session?: string | undefined;
}

/**
 * The native client: the queue of the original, and what people did in a browser. Several clients are several accounts.
 *
 * What is left out of `server` is found out: the server is asked once, in a way that harms none, whether it has the EXTENSION. Calls fail with an
 * `AnySeriesError`, `unsupported` where a call needs the EXTENSION and there is none.
 */
export interface MicrologClient extends Queue {
  /**
   * Sends datasets in one request, at once and past the queue. Answers what became of each, where the server tells.
   *
   * @throws AnySeriesError `invalid` for several datasets, unless the setting `server` says `gateway`: they end the process of an original server
   */
  write(
    datasets: readonly Dataset[],
    options?: CallOptions & { readonly idempotencyKey?: string },
  ): Promise<readonly WrittenDataset[] | undefined>;

  /** EXTENSION: the graphs of the account, in order of creation; behind them those of the series of other protocols. */
  listGraphs(options?: CallOptions): Promise<readonly GraphEntry[]>;
  /** EXTENSION: the points of a graph of the account, by time and then as they arrived. */
  readPoints(graph: string, range?: PointRange & { readonly limit?: number | undefined }, options?: CallOptions): PointCursor;
  /** EXTENSION: the sums of the buckets that hold a point; `interval` is seconds. */
  readSums(graph: string, query: PointRange & { readonly interval: number }, options?: CallOptions): Promise<readonly BucketSum[]>;
  /**
   * Reads the page of a graph, which needs no credentials: the sums of the last 121 buckets. The service remembers `interval`, the seconds of a
   * bucket, as the scale of the page.
   */
  readGraph(graph: string, query: { readonly interval: number }, options?: CallOptions): Promise<GraphPage>;

  /** Creates an account of the settings' user name and password, and logs in. @throws AnySeriesError `conflict` where the name is taken, `forbidden` */
  createAccount(options?: CallOptions): Promise<void>;
  /** Opens a session; the calls that need one do so by themselves. @throws AnySeriesError `unauthenticated` */
  logIn(options?: CallOptions): Promise<void>;
  logOut(options?: CallOptions): Promise<void>;
  /** The name, the API token and the graphs of the account. */
  readDashboard(options?: CallOptions): Promise<Dashboard>;
  /** Makes a graph. The service does not tell its id: the dashboard is read before and after. */
  createGraph(name: string, options?: CallOptions): Promise<GraphLink>;
  /** Adds a point at the service's current second, as the form of the page does. A graph of somebody else is passed over in silence. */
  addPoint(
    graph: string,
    point?: { readonly count?: number | undefined; readonly text?: string | undefined },
    options?: CallOptions,
  ): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a native client.
 *
 * ```ts
 * await using client = createClient({ username: 'ada', token, thread: true, onDrop: console.error });
 * client.enque('ReqPerMin00000000001');
 * client.enque('ReqPerMin00000000001', 5, new Date(), { text: 'after the deployment' });
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createClient(settings: string | MicrologClientSettings = {}): MicrologClient {
  const given = (typeof settings === 'string' ? { url: settings } : checkObject(settings, allNames, 'settings')) as MicrologClientSettings;
  const { session, server } = given;
  if (session !== undefined && typeof session !== 'string') throw invalid('session', `${show(session)} is no text`);
  const queueOptions = checkQueueOptions(given);
  const connection = Object.fromEntries(Object.entries(given).filter(([name]) => !ownNames.has(name)));
  const checked = checkSettings({ ...connection, server: server ?? 'original' });
  const { call, close: closeCalls } = createCall(checked, session);
  const queue = createQueue(checked, server === undefined, queueOptions);

  async function close(options?: CallOptions): Promise<DispatchReport> {
    const report = await queue.close(options);
    await closeCalls();
    return report;
  }

  return {
    ...queue,
    ...createWriteCalls(call, checked),
    ...createReadCalls(call),
    ...createAccountCalls(call),
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

const ownNames: ReadonlySet<string> = new Set([...queueOptionNames, 'session']);
const allNames = [...settingNames.filter((name) => name !== 'graphs'), ...ownNames];
