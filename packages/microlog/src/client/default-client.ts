import { AnySeriesError, type CallOptions } from '@anyseries/core';
import { createClient, type MicrologClient, type MicrologClientSettings } from '../client.ts';
import type { DispatchReport } from './tally.ts';

/** Options of `start`: everything that a client can be told, but who it is. */
export type StartOptions = Omit<MicrologClientSettings, 'username' | 'token'>;

let client: MicrologClient | undefined;
let isHalted = false;

/**
 * Starts the client that `enque`, `dispatch` and `haltThread` use, as the original module did. Nothing is sent yet. After `haltThread` it may be
 * called again.
 *
 * @throws AnySeriesError `conflict` where it was started before, `invalid` that names the option
 */
export function start(username: string, apiToken: string, options: StartOptions = {}): void {
  if (client !== undefined && !isHalted) throw new AnySeriesError('conflict', 'microlog is started already: call haltThread() first');
  const next = createClient({ ...options, username, token: apiToken });
  // what the one before still holds goes on its way
  void client?.close().catch(() => {});
  client = next;
  isHalted = false;
}

/** Puts a point into the queue, see {@link MicrologClient.enque}. @throws AnySeriesError `invalid` before `start` */
export function enque(
  graph: string,
  count?: number,
  time?: number | Date | null,
  options?: { readonly text?: string | undefined },
): void | Promise<void> {
  return started().enque(graph, count, time, options);
}

/** Sends what is in the queue, see {@link MicrologClient.dispatch}. @throws AnySeriesError `invalid` before `start` */
export async function dispatch(options?: CallOptions): Promise<DispatchReport> {
  return started().dispatch(options);
}

/** Ends the thread after one more dispatch, see {@link MicrologClient.haltThread}. @throws AnySeriesError `invalid` before `start` */
export async function haltThread(options?: CallOptions): Promise<DispatchReport> {
  const halted = started();
  isHalted = true;
  return halted.haltThread(options);
}

function started(): MicrologClient {
  if (client !== undefined) return client;
  throw new AnySeriesError('invalid', 'microlog is not started: call start(username, apiToken) first');
}
