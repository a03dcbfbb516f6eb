import { createTransport, httpSender } from '../../src/http.ts';
import { allTimes, type Capabilities, type OnDuplicate, type Provider, storeCapabilities } from '../../src/index.ts';
import { defineProvider, type ProviderSettings } from '../../src/provider.ts';

interface LineCapabilities extends Capabilities {
  readonly write: { readonly limits: object; readonly onDuplicate: OnDuplicate; readonly outcome: 'stored'; readonly granularity: 'batch' };
}

export interface LineProviderSettings extends ProviderSettings {
  readonly url: string;
  readonly timeoutMs: number;
  /** The most connections at a time; default 4. */
  readonly connections?: number;
  readonly maxPoints?: number;
  readonly onDuplicate?: OnDuplicate;
}

/** A sink that sends lines `series time value` over real connections. */
export function connectLines(settings: LineProviderSettings): Provider<LineCapabilities> {
  const { url, timeoutMs, connections, maxPoints = 1000, onDuplicate = 'overwrites', ...others } = settings;
  const capabilities: LineCapabilities = {
    write: { limits: { maxPoints }, onDuplicate, outcome: 'stored', granularity: 'batch' },
    values: ['number'],
    times: { resolution: 'ms', ...allTimes },
    keys: storeCapabilities.keys,
    visibleWithinMs: 0,
  };
  return defineProvider({
    id: 'lines',
    capabilities,
    settings: others,
    open() {
      const transport = createTransport({ timeoutMs, connections });
      const send = httpSender({
        transport,
        encode: ({ length, refs, series, times, values }) => {
          const lines = Array.from({ length }, (_, row) => `${refs[series[row]!]!.key} ${times[row]} ${values[row]}\n`);
          return { method: 'POST', url, headers: { 'content-type': 'text/plain' }, body: lines.join('') };
        },
      });
      return { send, close: transport.close };
    },
  });
}
