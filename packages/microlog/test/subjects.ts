import type { Subject } from '@anyseries/conformance';
import type { Clock, PointStream, ReadQuery, Store } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { connect } from '@anyseries/microlog';
import '../src/provider/backend.ts'; // loaded beforehand: a virtual clock does not wait for modules
import { ada, startService } from './service.ts';

const lockedSeries = 'locked';
const unknownId = 'NoSuchGraph000000000';

export const credentials = { username: ada.name, token: ada.token, password: ada.password };

const account = { url: 'http://microlog.test', ...credentials };
const secrets = [ada.token, ada.password];
/** A redirect is a wrong address; what is wrong with a request is never a single point. */
const verdicts = { 301: 'config', 302: 'config', 307: 'config', 400: 'refused', 415: 'refused' } as const;
const carriesPoints = ({ method, url }: Request) => method === 'POST' && new URL(url).pathname === '/graphs/api/';

/** The provider over a protocol server with its extension that knows its account, wherever it runs. */
export function createSubject(name: string, start: NonNullable<Subject['server']>): Subject {
  return {
    name,
    capabilities: connect({ server: 'gateway' }).capabilities,
    secrets,
    verdicts,
    carriesPoints,
    connect: ({ fetch, clock }) => connect({ ...account, fetch, clock }),
    async server(options) {
      const { store: opened, ...server } = await start(options);
      const store = opened as Store;
      return {
        ...server,
        fetch: async (request) => server.fetch(await withLockedSeries(request, store)),
        store: byName(store),
        refused: [{ series: lockedSeries, value: 1 }],
      };
    },
  };
}

/** A server like the original: it cannot be read, so that what it was sent is read from the store behind it. */
const original: Subject = {
  name: 'microlog, original',
  capabilities: connect({ server: 'original' }).capabilities,
  secrets,
  verdicts,
  carriesPoints,
  connect: ({ fetch, clock }) => connect({ ...account, server: 'original', fetch, clock }),
  server: async (options) => {
    const { store, ...server } = await startServer({ extension: false })(options);
    return { ...server, store: byName(store) };
  },
};

/** The protocol server over a store in memory. */
function startServer(settings: Readonly<Record<string, unknown>>) {
  return async ({ clock }: { readonly clock: Clock }) => {
    const {
      store,
      settings: { fetch },
      close,
    } = await startService({ clock, settings });
    return { store, fetch, close };
  };
}

/** Of the points that core lets through the server refuses only those of unknown graphs one by one: one graph becomes unknown on the way. */
async function withLockedSeries(request: Request, store: Store): Promise<Request> {
  if (!carriesPoints(request)) return request;
  const series = await store.series().toArray();
  const locked = series.find(({ name }) => name === lockedSeries)?.key ?? unknownId;
  const body = (await request.text()).replaceAll(locked, unknownId);
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

/** A store whose series are called by the names of their graphs, as the provider calls them. */
function byName(store: Store): Store {
  return { ...store, read: (query) => later(() => renamed(store, query)) };
}

async function renamed(store: Store, query: ReadQuery): Promise<PointStream> {
  const copy = connectToMemory();
  for await (const { key, name = key } of store.series()) {
    const points = await store.read({ series: key }).toArray();
    await copy.write(points.map((point) => ({ ...point, series: name })));
  }
  return copy.read(query);
}

/** A stream that has to be waited for. */
function later(open: () => Promise<PointStream>): PointStream {
  async function* each() {
    yield* await open();
  }
  async function* pages() {
    yield* (await open()).pages();
  }
  return {
    rollupBy: undefined,
    pages,
    toArray: async () => (await open()).toArray(),
    columns: (async (options: never) => (await open()).columns(options)) as PointStream['columns'],
    [Symbol.asyncIterator]: each,
  };
}

/** What the conformance suite tests of this package. */
export const subjects: Readonly<Record<string, Subject>> = {
  microlog: createSubject('microlog', startServer({})),
  'microlog-original': original,
};
