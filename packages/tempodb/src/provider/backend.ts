import { createTransport } from '@anyseries/core/http';
import type { Backend } from '@anyseries/core/provider';
import { createService } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { createReadMethods } from './read.ts';
import { createSender } from './send.ts';
import { createSeriesMethods } from './series.ts';

export function openBackend(connection: Connection): Backend {
  const { fetch, timeoutMs } = connection;
  const service = createService(connection);
  const transport = createTransport({ fetch, timeoutMs });
  return {
    send: createSender(connection, transport),
    ...createReadMethods(service),
    ...createSeriesMethods(service),
    close: transport.close,
  };
}
