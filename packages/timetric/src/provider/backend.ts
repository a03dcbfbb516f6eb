import { createTransport } from '@anyseries/core/http';
import type { Backend } from '@anyseries/core/provider';
import { createService } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { createReadMethods } from './read.ts';
import { createSeriesIds } from './series-ids.ts';
import { createTurns } from './turns.ts';
import { createWriteMethods } from './write.ts';

export function openBackend(connection: Connection): Backend {
  const { fetch, timeoutMs, registry } = connection;
  const service = createService(connection);
  const transport = createTransport({ fetch, timeoutMs });
  const ids = createSeriesIds(service, registry);
  return {
    ...createWriteMethods({ connection, transport, service, ids, turns: createTurns() }),
    ...createReadMethods(service, ids),
    async check(context) {
      // without a search, a server says so only after it has looked at the credentials
      const search = [['u', 'me'] as const, ['n', '1'] as const];
      const { headers } = await service.send({ path: '/search/results.thin.json', search, accept: [404] }, context);
      const sent = Date.parse(headers.get('date') ?? '');
      return Number.isNaN(sent) ? {} : { clockSkewMs: skew(sent, context.clock.now()) };
    },
    close: transport.close,
  };
}

/** `Date` has whole seconds: within the second that it names the clocks agree. */
function skew(sent: number, now: number): number {
  return now < sent ? sent - now : Math.min(0, sent + 999 - now);
}
