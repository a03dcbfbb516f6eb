import type { Capabilities, Provider } from '@anyseries/core';
import { defineProvider } from '@anyseries/core/provider';
import { gatewayCapabilities, type MicrologCapabilities, originalCapabilities } from './capabilities.ts';
import { checkSettings, type MicrologServer, type MicrologSettings } from './settings.ts';

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
