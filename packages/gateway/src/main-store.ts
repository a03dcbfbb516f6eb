import type { Clock, Store } from '@anyseries/core';
import { type Credentials, createCredentials, type Vault } from '@anyseries/core/server';
import type { GatewayConfiguration } from './configuration.ts';
import type { Installed } from './packages.ts';
import { openProjects, type Projects } from './projects.ts';
import { checkStore, createConnectStore } from './stores.ts';
import { openVault } from './vault.ts';

/** The main store, and what the gateway keeps in its records. */
export interface MainStore {
  readonly store: Store;
  readonly projects: Projects;
  readonly credentials: Credentials;
  /** Seals what protocols have to read again. */
  readonly vault: Vault | undefined;
  /** Closes every store that was opened here. */
  close(): Promise<void>;
}

/** @param named an address, or a store that is open already and stays so */
export async function openMainStore(
  named: string | Store,
  { storeModules = {}, projects: wanted = [], keyFile }: Pick<GatewayConfiguration, 'storeModules' | 'projects' | 'keyFile'>,
  installed: Installed,
  clock: Clock,
): Promise<MainStore> {
  const connect = createConnectStore(storeModules, installed);
  const isOwn = typeof named === 'string';
  const store = isOwn ? await connect(named) : checkStore(named, 'store');
  try {
    const projects = await openProjects(store, isOwn ? named : undefined, connect, clock);
    for (const project of wanted) await projects.ensure(project);
    return {
      store,
      projects,
      credentials: createCredentials(store, clock),
      vault: await openVault(keyFile, isOwn ? named : undefined),
      async close() {
        await projects.close();
        if (isOwn) await store.close();
      },
    };
  } catch (error) {
    if (isOwn) await store.close();
    throw error;
  }
}
