import type { Capabilities, Provider } from '@anyseries/core';
import { defineProvider, type FoldRequest } from '@anyseries/core/provider';
import { checkProviderConnection, type IobeamProviderSettings } from './settings.ts';
import { firstTime, lastTime } from './wire/time.ts';

const capabilities = {
  write: { limits: { maxPoints: 1000 }, onDuplicate: 'overwrites', outcome: 'stored', granularity: 'batch' },
  read: { windows: 'any', series: true, latest: true, rollups: ['sum', 'mean', 'min', 'max', 'count'] },
  values: ['number', 'bigint', 'boolean', 'string'],
  times: { resolution: 'us', min: firstTime, max: lastTime },
  keys: { maxBytes: 1024, caseSensitive: false, reserved: ['time', 'time_offset', 'all', 'device_id'] },
  visibleWithinMs: 5000,
} as const satisfies Capabilities;

/** What iobeam can do. */
export type IobeamCapabilities = typeof capabilities;

/** An iobeam project, or a gateway that speaks its protocol. */
export type IobeamProvider = Provider<IobeamCapabilities>;

/**
 * Connects to a project of iobeam, or of a gateway that speaks its protocol. The series `cpu{device_id="d1"}` is the stream `cpu` of the device
 * `d1`; a key without a device belongs to the device of the settings.
 *
 * ```ts
 * await using db = connect('iobeam://7:eyJ0eXAi...@localhost:8484/?secure=false');
 * await db.write([{ series: 'temperature{device_id="greenhouse-01"}', value: 21.5 }]);
 * ```
 *
 * @param settings an address or settings; what they leave out comes from the environment, read at the first request
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createIobeam(settings?: string | IobeamProviderSettings): IobeamProvider {
  const checked = checkProviderConnection(settings);
  return defineProvider({
    id: 'iobeam',
    capabilities,
    settings: checked.provider,
    rollsUp,
    async open() {
      // what requests stand on comes with the first of them: a program that has not asked yet is half as large without it
      const { openBackend } = await import('./provider/backend.ts');
      return openBackend(checked);
    },
  });
}

/** The service has buckets of fixed length from 1970 on: those of core, but for months and for zones. */
function rollsUp({ every, timeZone }: FoldRequest): boolean {
  return every.unit !== 'month' && timeZone === 'UTC';
}
