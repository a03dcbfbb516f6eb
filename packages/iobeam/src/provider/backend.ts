import { systemClock } from '@anyseries/core';
import { createTransport } from '@anyseries/core/http';
import type { Backend, CallContext } from '@anyseries/core/provider';
import { createExchange } from '../exchange.ts';
import type { CheckedProviderSettings } from '../settings.ts';
import { anyUse, readServerTime } from '../timestamp.ts';
import { createReader } from './read.ts';
import { createSender } from './send.ts';

export function openBackend(settings: CheckedProviderSettings): Backend {
  const connection = settings.connection();
  const clock = settings.provider.clock ?? systemClock;
  const exchange = createExchange(connection, clock);
  const transport = createTransport(connection);
  const home = settings.deviceId();
  const { registerDevices } = settings;
  return {
    send: createSender({ connection, exchange, transport, home, registerDevices }),
    ...createReader({ connection, exchange, home }),
    async check(context: CallContext) {
      const time = await readServerTime(exchange, 'usec', anyUse(connection), context);
      return { clockSkewMs: time - clock.now() };
    },
    close: transport.close,
  };
}
