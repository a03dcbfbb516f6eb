import type { Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/timetric';
import { key, secret, startService } from './service.ts';

export const credentials = { key, secret };

const url = 'http://timetric.test';

// what comes with the first request is loaded now: the suite's clock would run on while the disk is read
await connect({ url, key, secret, fetch: async () => new Response('[]') }).check();

/** What the conformance suite tests of this package: the provider over the protocol server, which stands on a store in memory. */
export const subjects: Readonly<Record<string, Subject>> = {
  timetric: createSubject('timetric', async ({ clock }) => {
    const { store, settings, close } = await startService({ clock });
    return { store, fetch: settings.fetch, close };
  }),
};

/** The provider over a protocol server that knows its API token, wherever it runs. */
export function createSubject(name: string, server: NonNullable<Subject['server']>): Subject {
  return {
    name,
    capabilities: connect().capabilities,
    secrets: [key, secret],
    missingSeriesStatus: 404,
    server,
    connect: ({ fetch, clock }) => connect({ url, key, secret, fetch, clock }),
    carriesPoints: ({ method, url: target, headers }) =>
      method === 'POST' && /\/series\/[^/]+\/$/.test(target) && headers.get('content-type') === 'text/csv',
  };
}
