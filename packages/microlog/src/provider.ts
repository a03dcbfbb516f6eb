import { allTimes, type Capabilities, type Provider } from '@anyseries/core';
import { defineProvider } from '@anyseries/core/provider';
import { checkSettings, type MicrologServer, type MicrologSettings } from './settings.ts';
import { maxBytes, maxSeries } from './wire/limits.ts';

const kept = {
  values: ['integer'],
  times: { resolution: 's', ...allTimes },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

const originalCapabilities = {
  ...kept,
  write: { limits: { maxBytes, maxSeries: 1 }, onDuplicate: 'adds', outcome: 'unconfirmed', granularity: 'batch' },
} as const satisfies Capabilities;

const gatewayCapabilities = {
  ...kept,
  write: { limits: { maxBytes, maxSeries }, onDuplicate: 'adds', outcome: 'stored', granularity: 'item', idempotencyKey: true },
  read: { windows: 'any', series: true, latest: true },
} as const satisfies Capabilities;

/** What Microlog can do: an original server takes points and tells nothing, a gateway can be read as well. */
export type MicrologCapabilities<S extends MicrologServer = 'gateway'> = S extends 'original'
  ? typeof originalCapabilities
  : typeof gatewayCapabilities;

/** A Microlog account, on an original server or behind a gateway that speaks its protocol. */
export type MicrologProvider<S extends MicrologServer = 'gateway'> = Provider<MicrologCapabilities<S>>;

/**
 * Connects to Microlog. Series are graphs: found by their name, or by their id, and made where the password is given. Points at the same second of a
 * series add up; times are whole seconds, values whole numbers.
 *
 * ```ts
 * await using log = connect('microlog://ada:aDa7Qm2ZpX9kLr4TtW1c@localhost:8484/?secure=false');
 * await log.write([{ series: 'Requests', value: 5 }]);
 * ```
 *
 * @param settings an address or settings; what they leave out comes from the environment, read at the first request
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createMicrolog<const S extends MicrologServer = 'gateway'>(settings?: string | MicrologSettings<S>): MicrologProvider<S> {
  const checked = checkSettings(settings);
  const capabilities: Capabilities = checked.server === 'original' ? originalCapabilities : gatewayCapabilities;
  const provider = defineProvider({
    id: 'microlog',
    capabilities,
    settings: checked.provider,
    async open() {
      const connection = checked.connection();
      // what requests stand on comes with the first of them: a program that has not asked yet is half as large without it
      const { openBackend } = await import('./provider/backend.ts');
      return openBackend(connection);
    },
  });
  // the literal in the settings is what the type goes by
  return provider as unknown as MicrologProvider<S>;
}
