import type { Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/memory';
import { connectPoor, connectRich, poorCapabilities, richCapabilities } from './http-provider/provider.ts';
import { createExampleServer, lockedSeries } from './http-provider/server.ts';

const token = 'b3arer-t0ken+with/odd=characters';

function server(counts: boolean): NonNullable<Subject['server']> {
  return ({ clock }) => {
    const store = connect({ clock });
    return {
      fetch: createExampleServer({ store, token, clock, counts }),
      store,
      refused: [{ series: lockedSeries, value: 1 }],
      close: () => store.close(),
    };
  };
}

/** The rich example over its server. */
const rich: Subject = {
  name: 'http, overwrites',
  capabilities: richCapabilities,
  secrets: [token],
  connect: ({ fetch, clock }) => connectRich({ fetch, clock, token }),
  server: server(false),
  carriesPoints: ({ url }) => /\/v1\/(points|increments)$/.test(new URL(url).pathname),
};

/** The poor example over its server: what it writes is read from the store behind. */
const poor: Subject = {
  name: 'http, adds',
  capabilities: poorCapabilities,
  secrets: [token],
  connect: ({ fetch, clock }) => connectPoor({ fetch, clock, token }),
  server: server(true),
};

/** What the conformance suite tests of this package: the example provider in both forms. */
export const subjects: Readonly<Record<string, Subject>> = { overwrites: rich, adds: poor };
