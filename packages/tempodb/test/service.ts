import type { Clock, Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { connect as connectToMemory } from '@anyseries/memory';
import { createServer } from '@anyseries/tempodb/server';

/** The protocol server over a store in memory, to be given as `fetch`. */
export interface Service {
  readonly store: Store;
  /** What a connection needs to reach it. */
  readonly settings: { readonly url: string; readonly key: string; readonly secret: string; readonly fetch: typeof globalThis.fetch };
  /** The requests that came, latest last. */
  readonly requests: Request[];
  close(): Promise<void>;
}

export const key = '7f3c0a9be1d24c55a8f6b0c1d2e3f405';
export const secret = 'c0ffee00c0ffee11c0ffee22c0ffee33';

export async function startService({ clock }: { readonly clock?: Clock | undefined } = {}): Promise<Service> {
  const store = connectToMemory({ clock });
  await createCredentials(store, clock).add({ protocol: 'tempodb', id: key, secret, project: 'default' });
  const server = createServer({ store, clock });
  const requests: Request[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    requests.push(request.clone());
    return server.fetch(request);
  };
  return {
    store,
    settings: { url: 'http://tempodb.test', key, secret, fetch: fetch as typeof globalThis.fetch },
    requests,
    close: () => store.close(),
  };
}
