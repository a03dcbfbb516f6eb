import { createTransport, statusError } from '@anyseries/core/http';
import type { Backend, CallContext } from '@anyseries/core/provider';
import { createService, type Service } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { texts } from '../wire/answers.ts';
import { maxSeries } from '../wire/limits.ts';
import { createGraphDirectory } from './graphs.ts';
import { createReadMethods } from './read.ts';
import { createSendMethods } from './send.ts';

export function openBackend(connection: Connection): Backend {
  const { server, fetch, timeoutMs } = connection;
  const service = createService(connection);
  const graphs = createGraphDirectory(service, connection);
  const transport = createTransport({ fetch, timeoutMs });
  return {
    ...createSendMethods(connection, {
      ...graphs,
      transport,
      maxSeries: server === 'gateway' ? maxSeries : 1,
      noNote: '',
      isExtended: () => server === 'gateway',
    }),
    ...(server === 'gateway' ? createReadMethods(service, graphs) : {}),
    check: (context) => check(service, connection, context),
    close: transport.close,
  };
}

/** A dataset without a graph: every server refuses it, but only after it has looked at the credentials, and it harms none. */
const harmless = '[{"graph":"","points":[]}]';

async function check(service: Service, { server }: Connection, context: CallContext): Promise<{ clockSkewMs?: number }> {
  if (server === 'gateway') await service.requireExtension(context);
  const answer = await service.post(harmless, { idempotent: true, accept: [404] }, context);
  const said = await answer.text();
  const isService = said === texts.graphNotFound || /^application\/json\b/i.test(answer.headers.get('content-type') ?? '');
  if (answer.status !== 404 || !isService) throw statusError(answer.status, `${said} (check the setting 'url')`);
  const date = Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(date) ? {} : { clockSkewMs: date - Math.floor(context.clock.now() / 1000) * 1000 };
}
