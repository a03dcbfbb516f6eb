import { checkProviderSettings, invalid, type ProviderSettings, providerSettingNames, show } from '@anyseries/core/provider';

/** The settings, checked. A URL says no more than `memory:`. */
export function resolveSettings(settings: unknown = {}): ProviderSettings {
  if (settings === 'memory:') return {};
  if (typeof settings !== 'object' || settings === null) throw invalid('settings', `${show(settings)} is neither 'memory:' nor an object`);
  for (const name of Object.keys(settings)) {
    if (!providerSettingNames.includes(name)) throw invalid(name, `is no setting of memory; there are ${providerSettingNames.join(', ')}`);
  }
  return checkProviderSettings(settings);
}
