import type { Clock, Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { createServer, type IobeamServerOptions, protocol } from '@anyseries/iobeam/server';
import { connect as connectToMemory } from '@anyseries/memory';

/** The protocol server over a store in memory, to be given as `fetch`. */
export interface Service {
  readonly store: Store;
  /** What a connection needs to reach it: a token for reading and writing among it. */
  readonly settings: { readonly url: string; readonly projectId: number; readonly token: string; readonly fetch: typeof globalThis.fetch };
  /** The requests that came, latest last. */
  readonly requests: Request[];
  /** Another token of the project. */
  tokenFor(permissions: string): Promise<string>;
  close(): Promise<void>;
}

export interface ServiceOptions extends Pick<IobeamServerOptions, 'settings' | 'sendMail' | 'createProject' | 'project'> {
  readonly clock?: Clock | undefined;
}

export const projectId = 7;
export const token = 'a-token-of-the-project.that-no-error.may-show';

export async function startService({ clock, ...options }: ServiceOptions = {}): Promise<Service> {
  const store = connectToMemory({ clock });
  const credentials = createCredentials(store, clock);
  await protocol.credentials.add({ projectId: String(projectId), token }, 'default', credentials);
  const server = createServer({ store, clock, ...options });
  const requests: Request[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    requests.push(request.clone());
    return server.fetch(request);
  };
  return {
    store,
    settings: { url: 'http://iobeam.test', projectId, token, fetch: fetch as typeof globalThis.fetch },
    requests,
    async tokenFor(permissions) {
      return (await protocol.credentials.add({ permissions }, 'default', credentials)).token!;
    },
    close: () => store.close(),
  };
}
