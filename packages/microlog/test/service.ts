import type { VirtualClock } from '@anyseries/conformance';
import { type Clock, type Json, type Store, systemClock } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { createServer } from '@anyseries/microlog/server';
import { arrangeWorld, readList, type WorldUser } from './world.ts';

/** The protocol server over a store in memory, to be given as `fetch`. */
export interface Service {
  readonly store: Store;
  /** What a connection needs to reach it. */
  readonly settings: { readonly url: string; readonly username: string; readonly token: string; readonly fetch: typeof globalThis.fetch };
  readonly password: string;
  /** The requests that came, latest last. */
  readonly requests: Request[];
  /** Sends a request. `json` and `form` are bodies; `session` is the value of the cookie. */
  ask(target: string, request?: Asked): Promise<Response>;
  /** Posts datasets as ada. */
  write(datasets: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** A graph's list as it is kept. */
  list(graph: string): Promise<Json[]>;
  /** What other protocols see of a graph: `[seconds, value]`. */
  series(graph: string): Promise<[number, unknown][]>;
  close(): Promise<void>;
}

export interface Asked {
  readonly method?: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly session?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const requests = 'ReqPerMin00000000001';
export const errors = 'Errs0000000000000002';
export const bobsGraph = 'BobsGraph00000000003';

export const ada = { name: 'ada', token: 'aDa7Qm2ZpX9kLr4TtW1c', password: 's3cret pw' } as const satisfies WorldUser;
export const session = 'SessionAda0000000001';

/** The users of the protocol document's vectors. */
export const documentUsers: readonly WorldUser[] = [
  {
    ...ada,
    session,
    graphs: [
      { id: requests, name: 'Requests' },
      { id: errors, name: 'Errors' },
    ],
  },
  { name: 'bob', token: 'BoB0BoB0BoB0BoB0BoB0', graphs: [{ id: bobsGraph }] },
];

/** 2016-11-04T01:02:03Z */
export const documentTime = 1_478_221_323;

/** A clock that stands still until it is set. */
export interface SettableClock extends Clock {
  seconds: number;
}

export function standingClock(seconds = documentTime): SettableClock {
  const clock = { seconds, now: () => clock.seconds * 1000, setTimer: systemClock.setTimer };
  return clock;
}

export interface ServiceOptions {
  readonly clock?: Clock | undefined;
  /** Settings of the server. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Default: ada, without graphs. */
  readonly users?: readonly WorldUser[] | undefined;
  /** Default: a fresh one in memory. */
  readonly store?: Store | undefined;
}

export async function startService({ clock, settings, users = [ada], ...options }: ServiceOptions = {}): Promise<Service> {
  const store = options.store ?? connectToMemory({ clock });
  await arrangeWorld(store, users);
  const server = createServer({ store, clock, settings });
  const url = 'http://microlog.test';
  const received: Request[] = [];

  async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    received.push(request.clone());
    // a virtual clock stands still while the server works
    const release = clock !== undefined && 'hold' in clock ? (clock as VirtualClock).hold() : () => {};
    try {
      const response = await server.fetch(request);
      // as what carries it over HTTP would
      response.headers.set('date', new Date((clock ?? systemClock).now()).toUTCString());
      return response;
    } finally {
      setTimeout(release, 0);
    }
  }

  async function ask(target: string, { json, form, body, session: cookie, headers = {}, ...asked }: Asked = {}): Promise<Response> {
    const type = json !== undefined ? 'application/json' : form !== undefined ? 'application/x-www-form-urlencoded' : undefined;
    const content = json !== undefined ? JSON.stringify(json) : form !== undefined ? new URLSearchParams(form).toString() : body;
    return fetch(`${url}${target}`, {
      method: asked.method ?? (content === undefined ? 'GET' : 'POST'),
      headers: { ...(type && { 'content-type': type }), ...(cookie && { cookie: `token=${cookie}` }), ...headers },
      ...(content !== undefined && { body: content }),
    });
  }

  return {
    store,
    settings: { url, username: ada.name, token: ada.token, fetch: fetch as typeof globalThis.fetch },
    password: ada.password,
    requests: received,
    ask,
    write: (datasets, headers) =>
      ask('/graphs/api/', { json: { api_username: ada.name, api_token: ada.token, datasets }, ...(headers && { headers }) }),
    list: (graph) => readList(store, graph),
    async series(graph) {
      return (await store.read({ series: graph }).toArray()).map(({ time, value }) => [time / 1000, value]);
    },
    close: () => store.close(),
  };
}
