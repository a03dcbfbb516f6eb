import { AnySeriesError, type Clock, type Store, systemClock } from '@anyseries/core';
import { createCredentials, createVault } from '@anyseries/core/server';
import { createServer, type IobeamServerOptions, type Mail, protocol } from '@anyseries/iobeam/server';
import { connect as connectToMemory } from '@anyseries/memory';

/** The protocol server over stores in memory, to be given as `fetch`. */
export interface Service {
  /** That of the project, which keeps what all projects share, too. */
  readonly store: Store;
  /** What a connection needs to reach it: a token for reading and writing among it. */
  readonly settings: { readonly url: string; readonly projectId: number; readonly token: string; readonly fetch: typeof globalThis.fetch };
  /** The requests that came, latest last. */
  readonly requests: Request[];
  /** What users were sent, latest last. */
  readonly mails: Mail[];
  /** Another token of the project, of those that an operator gives out: `read,write,admin`. */
  tokenFor(permissions: string): Promise<string>;
  /** The same server once more, as after a restart. */
  restart(): void;
  close(): Promise<void>;
}

export const projectId = 7;
export const token = 'a-token-of-the-project.that-no-error.may-show';
export const invite = 'INVITE-1';

export interface ServiceOptions {
  readonly clock?: Clock | undefined;
  readonly settings?: IobeamServerOptions['settings'];
}

/** The user with the number 1 may do everything. */
export async function startService({ clock = systemClock, settings = {} }: ServiceOptions = {}): Promise<Service> {
  const stores = new Map<string, Store>([['default', connectToMemory({ clock })]]);
  const store = stores.get('default')!;
  const credentials = createCredentials(store, clock);
  await protocol.credentials.add({ projectId: String(projectId), token }, 'default', credentials);
  const mails: Mail[] = [];
  const requests: Request[] = [];

  async function project(name: string): Promise<Store> {
    const found = stores.get(name);
    if (found === undefined) throw new AnySeriesError('not-found', `there is no project ${name}`);
    return found;
  }

  async function createProject(name: string): Promise<Store> {
    stores.set(name, connectToMemory({ clock }));
    return project(name);
  }

  const open = () =>
    createServer({
      store,
      clock,
      project,
      createProject,
      vault: createVault('cd'.repeat(32)),
      settings: { invites: [invite], admins: [1], ...settings },
      sendMail: (mail) => void mails.push(mail),
    });
  let server = open();

  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    requests.push(request.clone());
    return server.fetch(request);
  };
  return {
    store,
    settings: { url: 'http://iobeam.test', projectId, token, fetch: fetch as typeof globalThis.fetch },
    requests,
    mails,
    async tokenFor(permissions) {
      return (await protocol.credentials.add({ permissions }, 'default', credentials)).token!;
    },
    restart() {
      server = open();
    },
    async close() {
      for (const each of stores.values()) await each.close();
    },
  };
}
