import type { Capabilities, Provider } from '@anyseries/core';
import { type Backend, createTransport, defineProvider } from '@anyseries/core/provider';
import { createService } from './client/service.ts';
import { createReadMethods, rollsUp } from './provider/read.ts';
import { createSender } from './provider/send.ts';
import { createSeriesMethods } from './provider/series.ts';
import { type Connection, checkSettings, type TempoDBSettings } from './settings.ts';
import { firstTime, lastTime } from './wire/limits.ts';

const capabilities = {
  write: {
    limits: { maxPoints: 5000 },
    onDuplicate: 'overwrites',
    outcome: 'stored',
    granularity: 'item',
    increment: 'integers',
    deletes: 'range',
    putSeries: true,
  },
  read: {
    windows: 'any',
    series: true,
    latest: true,
    rollups: ['sum', 'mean', 'min', 'max', 'count', 'stddev', 'variance', 'ss', 'mult', 'range', 'first', 'last', 'percentile', 'median'],
  },
  values: ['number', 'bigint'],
  // the last instant cannot be read: no end of a range is beyond it
  times: { resolution: 'ms', min: firstTime, max: lastTime - 1 },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 5000,
} as const satisfies Capabilities;

/** What TempoDB can do. */
export type TempoDBCapabilities = typeof capabilities;

/** A TempoDB database, or a gateway that speaks its protocol. */
export type TempoDBProvider = Provider<TempoDBCapabilities>;

/**
 * Connects to TempoDB, or to a gateway that speaks its protocol.
 *
 * ```ts
 * await using db = connect('tempodb://key:secret@localhost:4242/?secure=false');
 * await db.write([{ series: 'temperature{room="kitchen"}', value: 21.5 }]);
 * ```
 *
 * @param settings an address or settings; what they leave out comes from the environment, read at the first request
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createTempodb(settings?: string | TempoDBSettings): TempoDBProvider {
  const checked = checkSettings(settings);
  const open = () => openBackend(checked.connection());
  return defineProvider({ id: 'tempodb', capabilities, settings: checked.provider, rollsUp, open });
}

function openBackend(connection: Connection): Backend {
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
