import { AnySeriesError, type Store } from '@anyseries/core';
import { checkSpecVersion, invalid, show } from '@anyseries/core/provider';
import { type Installed, isModulePath, modulePath } from './packages.ts';
import { importFrom } from './protocols.ts';

/** Opens the store at an address. */
export type ConnectStore = (url: string) => Promise<Store>;

/**
 * Opens stores by the schemes of their addresses: `sqlite:./data.db` is `connect` of `@anyseries/sqlite`, or else of `anyseries-sqlite`.
 *
 * @param modules modules to take instead, by scheme
 */
export function createConnectStore(modules: Readonly<Record<string, string>>, installed: Installed): ConnectStore {
  return async (url) => {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
    if (scheme === undefined) throw invalid('store', 'is no address of a store such as sqlite:./data.db');
    const { source, address } = moduleOf(scheme, modules, installed);
    const { connect } = await importFrom(address, source);
    if (typeof connect !== 'function') throw invalid('store', `${source} exports no \`connect\``);
    return checkStore(await connect(url), source);
  };
}

function moduleOf(scheme: string, modules: Readonly<Record<string, string>>, installed: Installed): { source: string; address: string } {
  const named = modules[scheme];
  if (named !== undefined && isModulePath(named)) return { source: named, address: modulePath(named) };
  const names = named === undefined ? [`@anyseries/${scheme}`, `anyseries-${scheme}`] : [named];
  for (const name of names) {
    const address = installed.find(name)?.entry('.');
    if (address !== undefined) return { source: name, address };
  }
  throw new AnySeriesError('not-found', `no store for ${show(`${scheme}:`)} is installed: looked for ${names.join(' and ')}`);
}

/** @throws AnySeriesError `invalid`, `spec-version` */
export function checkStore(candidate: unknown, source: string): Store {
  checkSpecVersion(candidate, source);
  const { records, transaction, close } = candidate as Partial<Store>;
  if (typeof records?.get !== 'function' || typeof transaction !== 'function' || typeof close !== 'function')
    throw invalid('store', `${source} connects to a provider without records and transactions, which is no store`);
  return candidate as Store;
}
