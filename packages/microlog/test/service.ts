import { type Clock, type Store, systemClock } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { createServer } from '@anyseries/microlog/server';
import { arrangeWorld, type WorldUser } from './world.ts';

/** The protocol server over a store in memory, to be given as `fetch`. */
export interface Service {
  readonly store: Store;
  /** What a connection needs to reach it. */
  readonly settings: { readonly url: string; readonly username: string; readonly token: string; readonly fetch: typeof globalThis.fetch };
  readonly password: string;
  /** The requests that came, latest last. */
  readonly requests: Request[];
  close(): Promise<void>;
}

export const ada = { name: 'ada', token: 'aDa7Qm2ZpX9kLr4TtW1c', password: 's3cret pw' } as const satisfies WorldUser;

export interface ServiceOptions {
  readonly clock?: Clock | undefined;
  /** Settings of the server. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Default: ada, without graphs. */
  readonly users?: readonly WorldUser[] | undefined;
}

export async function startService({ clock, settings, users = [ada] }: ServiceOptions = {}): Promise<Service> {
  const store = connectToMemory({ clock });
  await arrangeWorld(store, users);
  const server = createServer({ store, clock, settings });
  const requests: Request[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    requests.push(request.clone());
    const response = await server.fetch(request);
    // as what carries it over HTTP would
    response.headers.set('date', new Date((clock ?? systemClock).now()).toUTCString());
    return response;
  };
  return {
    store,
    settings: { url: 'http://microlog.test', username: ada.name, token: ada.token, fetch: fetch as typeof globalThis.fetch },
    password: ada.password,
    requests,
    close: () => store.close(),
  };
}
