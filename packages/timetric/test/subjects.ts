import type { Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/timetric';
import { key, secret, startService } from './service.ts';
// what loads with the first request is there before the clock of the suite runs
import '../src/provider/backend.ts';

/** What the conformance suite tests of this package: the provider over the protocol server, which stands on a store in memory. */
export const subjects: Readonly<Record<string, Subject>> = {
  timetric: {
    name: 'timetric',
    capabilities: connect().capabilities,
    secrets: [key, secret],
    missingSeriesStatus: 404,
    connect: ({ fetch, clock }) => connect({ url: 'http://timetric.test', key, secret, fetch, clock }),
    carriesPoints: ({ method, url, headers }) =>
      method === 'POST' && /\/series\/[^/]+\/$/.test(url) && headers.get('content-type') === 'text/csv',
    async server({ clock }) {
      const { store, server, close } = await startService({ clock });
      return { store, fetch: (request) => server.fetch(request), close };
    },
  },
};
