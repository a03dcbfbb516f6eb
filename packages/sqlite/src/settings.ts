import { type Clock, systemClock } from '@anyseries/core';
import { checkProviderSettings, invalid, type ProviderSettings, providerSettingNames, show } from '@anyseries/core/provider';

/**
 * What a commit waits for. `full`: the log is on the disk, so that it survives a power failure. `normal`: the operating system has it, so that it
 * survives a crash of the process; a power failure may take the last commits. `off`: the same, and a power failure may damage the file.
 */
export type Synchronous = 'full' | 'normal' | 'off';

/** Settings of the embedded store, beside those that every provider takes. */
export interface SqliteSettings extends ProviderSettings {
  /**
   * The file, relative to the working directory at the first request; `':memory:'` keeps everything in memory. Default: that of the variable
   * `ANYSERIES_SQLITE_URL`, or `./data.db`.
   */
  readonly path?: string | undefined;
  /** Default `'full'`. */
  readonly synchronous?: Synchronous | undefined;
  /** How long to wait for another process that writes, in milliseconds; default 5,000. Then a call fails as `locked`. */
  readonly busyTimeoutMs?: number | undefined;
}

/** Checked settings; the path is missing where the environment has to tell it. */
export interface CheckedSettings {
  readonly path: string | undefined;
  readonly synchronous: Synchronous;
  readonly busyTimeoutMs: number;
  readonly clock: Clock;
  readonly provider: ProviderSettings;
}

const urlVariable = 'ANYSERIES_SQLITE_URL';
const defaultUrl = 'sqlite:./data.db';
const names: readonly string[] = ['path', 'synchronous', 'busyTimeoutMs', ...providerSettingNames];
const levels: readonly unknown[] = ['full', 'normal', 'off'];

/** @throws AnySeriesError `invalid` that names the setting */
export function checkSettings(settings: string | SqliteSettings = {}): CheckedSettings {
  if (typeof settings === 'string') return checkSettings({ path: pathOf(settings, 'settings') });
  if (typeof settings !== 'object' || settings === null)
    throw invalid('settings', `${show(settings)} is no address such as '${defaultUrl}' and no object`);
  const unknown = Object.keys(settings).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalid(unknown, `is no setting of sqlite; there are ${names.join(', ')}`);

  const { path, synchronous = 'full', busyTimeoutMs = 5000 } = settings;
  if (path !== undefined) checkPath(path, 'path');
  if (!levels.includes(synchronous)) throw invalid('synchronous', `${show(synchronous)} is none of 'full', 'normal' and 'off'`);
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0 || busyTimeoutMs > 0x7fffffff) {
    throw invalid('busyTimeoutMs', `${show(busyTimeoutMs)} is no whole number of milliseconds`);
  }
  const provider = checkProviderSettings(settings);
  return { path, synchronous, busyTimeoutMs, clock: provider.clock ?? systemClock, provider };
}

/** The path that the environment tells. @throws AnySeriesError `invalid` that names the variable */
export function pathFromEnvironment(): string {
  return pathOf(process.env[urlVariable] || defaultUrl, urlVariable);
}

/** @throws AnySeriesError `invalid` that names `field` */
export function checkPath(path: unknown, field: string): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw invalid(field, `${show(path)} names no file`);
  return path;
}

function pathOf(url: string, field: string): string {
  if (!url.startsWith('sqlite:')) throw invalid(field, `${show(url)} is no address such as '${defaultUrl}'`);
  return checkPath(url.slice('sqlite:'.length), field);
}
