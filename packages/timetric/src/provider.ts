import type { Capabilities, Provider } from '@anyseries/core';
import { defineProvider } from '@anyseries/core/provider';
import { checkSettings, type TimetricProviderSettings } from './settings.ts';

const capabilities = {
  write: {
    limits: { maxPoints: 10_000, maxSeries: 1 },
    onDuplicate: 'overwrites',
    outcome: 'stored',
    granularity: 'batch',
    deletes: 'range',
    putSeries: true,
  },
  read: { windows: 'any', series: true, latest: true },
  values: ['number', 'boolean'],
  // 2^33 seconds before and after 1970: up to there a double of seconds tells microseconds apart
  times: { resolution: 'us', min: -8_589_934_592_000, max: 8_589_934_592_000 },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 5000,
} as const satisfies Capabilities;

/** What Timetric can do. */
export type TimetricCapabilities = typeof capabilities;

/** A user's series at Timetric, or at a gateway that speaks its protocol. */
export type TimetricProvider = Provider<TimetricCapabilities>;

/**
 * Connects to Timetric, or to a gateway that speaks its protocol.
 *
 * ```ts
 * await using db = connect('timetric://key:secret@localhost:8484/timetric?secure=false');
 * await db.write([{ series: 'temperature{room="kitchen"}', value: 21.5 }]);
 * ```
 *
 * @param settings an address or settings; what they leave out comes from the environment, read at the first request
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createTimetric(settings?: string | TimetricProviderSettings): TimetricProvider {
  const checked = checkSettings(settings, ['registry']);
  return defineProvider({
    id: 'timetric',
    capabilities,
    settings: checked.provider,
    async open() {
      const connection = checked.connection();
      // what requests stand on comes with the first of them: a program that has not asked yet is half as large without it
      const { openBackend } = await import('./provider/backend.ts');
      return openBackend(connection);
    },
  });
}
