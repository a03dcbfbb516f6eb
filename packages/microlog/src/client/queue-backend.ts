import { createTransport } from '@anyseries/core/http';
import type { Backend } from '@anyseries/core/provider';
import { createSendMethods } from '../provider/send.ts';
import type { Connection } from '../settings.ts';
import { assignGraph } from '../wire/encode-batch.ts';
import { maxSeries } from '../wire/limits.ts';
import { createService } from './service.ts';

/**
 * Where the queue goes: series are graphs by their ids. Before the first request the server is asked whether it has the EXTENSION: only then points
 * whose fate is unknown may be sent again without doubling them.
 *
 * @param isAsked whether it is not known what kind of server it is
 */
export function openQueueBackend(connection: Connection, isAsked: boolean): Backend {
  const { server, fetch, timeoutMs } = connection;
  const service = createService(connection);
  const transport = createTransport({ fetch, timeoutMs });
  let isExtended: boolean | undefined = isAsked ? undefined : server === 'gateway';
  return {
    ...createSendMethods(connection, {
      transport,
      maxSeries: server === 'gateway' ? maxSeries : 1,
      noNote: ',"text":""',
      isExtended: () => isExtended === true,
      async assign(refs, context) {
        if (server === 'gateway') await service.requireExtension(context);
        isExtended ??= await service.hasExtension(context);
        for (const ref of refs) assignGraph(ref, ref.key);
        return new Map();
      },
    }),
    close: transport.close,
  };
}
