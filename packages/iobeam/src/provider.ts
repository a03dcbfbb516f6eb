import { type Capabilities, type Provider, systemClock } from '@anyseries/core';
import { type Backend, type CallContext, createTransport, defineProvider, type FoldRequest } from '@anyseries/core/provider';
import { createExchange } from './exchange.ts';
import { createReader } from './provider/read.ts';
import { createSender } from './provider/send.ts';
import { type CheckedSettings, checkSettings, type IobeamProviderSettings } from './settings.ts';
import { readServerTime } from './timestamp.ts';
import { firstTime, lastTime } from './wire/time.ts';

/** What iobeam can do: the mapping of the protocol document, section 8. */
export const capabilities = {
  write: { limits: { maxPoints: 1000 }, onDuplicate: 'overwrites', outcome: 'stored', granularity: 'batch' },
  read: { windows: 'any', series: true, latest: true, rollups: ['sum', 'mean', 'min', 'max', 'count'] },
  values: ['number', 'bigint', 'boolean', 'string'],
  times: { resolution: 'us', min: firstTime, max: lastTime },
  keys: { maxBytes: 1024, caseSensitive: false, reserved: ['time', 'time_offset', 'all', 'device_id'] },
  visibleWithinMs: 5000,
} as const satisfies Capabilities;

/**
 * Connects to iobeam, or to a gateway that speaks its protocol. Without settings, address and tokens come from the environment, at the first call.
 *
 * The series `cpu{device_id="d1"}` is the stream `cpu` of the device `d1`; a key without a device belongs to the device of the settings.
 *
 * ```ts
 * const provider = connect({ projectId: 7, token: 'eyJ0eXAi...' });
 * await provider.write([{ series: 'temperature{device_id="greenhouse-01"}', time: Date.now(), value: 21.5 }]);
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function connect(settings?: string | IobeamProviderSettings): Provider<typeof capabilities> {
  const checked = checkSettings(settings);
  return defineProvider({ id: 'iobeam', capabilities, settings: checked.provider, rollsUp, open: () => open(checked) });
}

/** The service knows buckets of fixed length, from 1970 on: those of core, but for months and for zones. */
function rollsUp({ every, timeZone }: FoldRequest): boolean {
  return every.unit !== 'month' && timeZone === 'UTC';
}

function open(settings: CheckedSettings): Backend {
  const connection = settings.connection();
  const clock = settings.provider.clock ?? systemClock;
  const exchange = createExchange(connection, clock);
  const transport = createTransport(connection);
  const home = settings.deviceId();
  return {
    send: createSender({ connection, exchange, transport, home, registerDevices: settings.registerDevices }),
    ...createReader({ connection, exchange, home }),
    async check(context: CallContext) {
      const time = await readServerTime(exchange, 'usec', canRead(connection) ? 'read' : 'write', context);
      return { clockSkewMs: time - clock.now() };
    },
    close: () => transport.close(),
  };

  function canRead({ tokenFor }: typeof connection): boolean {
    try {
      return tokenFor('read') !== '';
    } catch {
      return false;
    }
  }
}
