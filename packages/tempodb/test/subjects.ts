import type { Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/tempodb';
import { key, secret, startService } from './service.ts';

export const credentials = { key, secret };

// what comes with the first request is loaded now: the suite's clock would run on while the disk is read
await connect({ key, secret, fetch: async () => new Response('[]') }).check();

const lockedSeries = 'locked';
const unknownId = 'ffffffffffff4fffafffffffffffffff';

/** What the conformance suite tests of this package: the provider over the protocol server, which stands on a store in memory. */
export const subjects: Readonly<Record<string, Subject>> = {
  tempodb: createSubject('tempodb', async ({ clock }) => {
    const { store, settings, close } = await startService({ clock });
    return { store, fetch: settings.fetch, close };
  }),
};

/** The provider over a protocol server that knows its key and secret, wherever it runs. */
export function createSubject(name: string, start: NonNullable<Subject['server']>): Subject {
  return {
    name,
    capabilities: connect().capabilities,
    secrets: [key, secret],
    missingSeriesStatus: 403,
    connect: ({ fetch, clock }) => connect({ url: 'http://tempodb.test', key, secret, fetch, clock }),
    carriesPoints: ({ url }) => /\/v1\/multi\/(increment\/)?$/.test(url),
    async server(options) {
      const server = await start(options);
      return {
        ...server,
        fetch: async (request) => server.fetch(await withLockedSeries(request)),
        refused: [{ series: lockedSeries, value: 1 }],
      };
    },
  };
}

/** Of the points that core lets through the service refuses only those with an unknown id one by one: one series gets such an id on the way. */
async function withLockedSeries(request: Request): Promise<Request> {
  if (!new URL(request.url).pathname.startsWith('/v1/multi/')) return request;
  const body = (await request.text()).replaceAll(`"key":"${lockedSeries}"`, `"id":"${unknownId}"`);
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}
