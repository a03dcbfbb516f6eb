import { checkObject, checkProviderSettings, type ProviderSettings, providerSettingNames } from '@anyseries/core/provider';

/** The settings, checked. A URL says no more than `memory:`. */
export function resolveSettings(settings: unknown = {}): ProviderSettings {
  return settings === 'memory:' ? {} : checkProviderSettings(checkObject(settings, providerSettingNames, 'settings'));
}
