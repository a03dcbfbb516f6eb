import type { Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/iobeam';
import { projectId, startService, token } from './service.ts';

export const credentials = { projectId: String(projectId), token };

/** Of the server. Series of one type each are this package's own tests; the suite also writes values of every kind to one series. */
export const settings = { typeConflicts: 'store' } as const;

// what comes with the first request is loaded now: the suite's clock would run on while the disk is read
const time = { server_timestamp: Date.now() * 1000 };
await connect({ projectId, token, fetch: async () => Response.json(time) }).check();

/** What the conformance suite tests of this package: the provider over the protocol server, which stands on a store in memory. */
export const subjects: Readonly<Record<string, Subject>> = {
  iobeam: createSubject('iobeam', async ({ clock }) => {
    const service = await startService({ clock, settings });
    return { store: service.store, fetch: service.settings.fetch, close: service.close };
  }),
};

/** The provider over a protocol server that knows its token, wherever it runs. */
export function createSubject(name: string, server: NonNullable<Subject['server']>): Subject {
  return {
    name,
    capabilities: connect().capabilities,
    secrets: [token],
    connect: ({ fetch, clock }) => connect({ url: 'http://iobeam.test', projectId, token, fetch, clock }),
    carriesPoints: ({ url }) => url.endsWith('/v1/imports'),
    server,
  };
}
