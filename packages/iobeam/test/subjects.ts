import type { Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/iobeam';
import { projectId, startService, token } from './service.ts';

// what comes with the first request is loaded now: the suite's clock would run on while the disk is read
const time = { server_timestamp: Date.now() * 1000 };
await connect({ projectId, token, fetch: async () => Response.json(time) }).check();

/** What the conformance suite tests of this package: the provider over the protocol server, which stands on a store in memory. */
export const subjects: Readonly<Record<string, Subject>> = {
  iobeam: {
    name: 'iobeam',
    capabilities: connect().capabilities,
    secrets: [token],
    connect: ({ fetch, clock }) => connect({ url: 'http://iobeam.test', projectId, token, fetch, clock }),
    carriesPoints: ({ url }) => url.endsWith('/v1/imports'),
    // series of one type each are this package's own tests; the suite also writes values of every kind to one series
    server: async ({ clock }) => {
      const { store, settings, close } = await startService({ clock, settings: { typeConflicts: 'store' } });
      return { store, fetch: (request) => settings.fetch(request), close };
    },
  },
};
