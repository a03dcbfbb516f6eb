import type { Capabilities, Provider } from '@anyseries/core';
import { defineProvider } from '@anyseries/core/provider';
import { rollsUp } from './provider/rolls-up.ts';
import { checkSettings, type TempoDBSettings } from './settings.ts';

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
  // 0001-01-01T00:00:00.000Z to 9999-12-31T23:59:59.998Z: one millisecond later no end of a range could be written
  times: { resolution: 'ms', min: -62_135_596_800_000, max: 253_402_300_799_998 },
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
  return defineProvider({
    id: 'tempodb',
    capabilities,
    settings: checked.provider,
    rollsUp,
    async open() {
      const connection = checked.connection();
      // what requests stand on comes with the first of them: a program that has not asked yet is half as large without it
      const { openBackend } = await import('./provider/backend.ts');
      return openBackend(connection);
    },
  });
}
