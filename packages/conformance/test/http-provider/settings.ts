import {
  checkObject,
  checkProviderSettings,
  invalid,
  type ProviderSettings,
  providerSettingNames,
  readCredential,
  show,
} from '@anyseries/core/provider';

/** Settings of the example, beside those that every provider takes. */
export interface ExampleSettings extends ProviderSettings {
  /** Where the service is. Default `https://example.test`. */
  readonly url?: string | undefined;
  /** Default: the variable `EXAMPLE_TOKEN`. */
  readonly token?: string | undefined;
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt, in milliseconds; default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Settings with their defaults; the token is read at the first request. */
export interface ResolvedSettings {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly timeoutMs: number;
  readonly provider: ProviderSettings;
  token(): string;
}

const names = ['url', 'token', 'fetch', 'timeoutMs', ...providerSettingNames];

/** @throws AnySeriesError `invalid` that names the setting */
export function resolveSettings(settings: ExampleSettings = {}): ResolvedSettings {
  const { url = 'https://example.test', fetch, timeoutMs = 10_000, token } = checkObject(settings, names, 'settings') as ExampleSettings;
  if (!URL.canParse(url)) throw invalid('url', `${show(url)} is no URL`);
  if (!(timeoutMs > 0)) throw invalid('timeoutMs', `${show(timeoutMs)} is no positive number of milliseconds`);
  return {
    url,
    fetch,
    timeoutMs,
    provider: checkProviderSettings(settings),
    token: () => readCredential(token, { setting: 'token', variable: 'EXAMPLE_TOKEN' }),
  };
}
