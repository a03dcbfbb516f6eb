import { AnySeriesError, type Clock, type Json, type Store } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import type { ProjectConfiguration } from './configuration.ts';
import type { ConnectStore } from './stores.ts';

/** A project as it is kept. */
export interface Project {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The address of its store; left out: one beside the main store, or for `default` the main store itself. */
  readonly store?: string;
}

/** The projects of a gateway, in the records of its main store. Each has a store of its own. */
export interface Projects {
  /** The store of a project, opened once. @throws AnySeriesError `not-found` */
  open(name: string): Promise<Store>;
  /** @throws AnySeriesError `conflict` where the name or the store is taken, `invalid` */
  add(project: ProjectConfiguration): Promise<Project>;
  /** Adds it if it is missing. @throws AnySeriesError `conflict` where it has another store */
  ensure(project: ProjectConfiguration): Promise<void>;
  /** All, by name. */
  list(): Promise<Project[]>;
  has(name: string): Promise<boolean>;
  /** Resolves if the main store answers. */
  check(): Promise<void>;
  /** Forgets a project; its store stays as it is. Answers whether there was one. @throws AnySeriesError `invalid` for `default` */
  remove(name: string): Promise<boolean>;
  /** The address of a project's store, where it has one. */
  addressOf(project: Project): string | undefined;
  /** Closes the stores that it has opened. */
  close(): Promise<void>;
}

const collection = 'gateway/projects';

type Kept = { readonly createdAt: number; readonly store?: string };

interface OpenProject {
  readonly version: number;
  readonly store: Promise<Store>;
}

/**
 * Opens the projects, and makes `default` at the first time.
 *
 * @param mainUrl the address of the main store, if it has one
 */
export async function openProjects(main: Store, mainUrl: string | undefined, connect: ConnectStore, clock: Clock): Promise<Projects> {
  const { records } = main;
  const open = new Map<string, OpenProject>();
  const replaced: Promise<Store>[] = [];
  if ((await records.get(collection, 'default')) === undefined)
    await records.put(collection, 'default', { createdAt: clock.now() }, { ifVersion: null }).catch(ignoreConflict);

  function addressOf({ name, store }: Project): string | undefined {
    return store ?? (name === 'default' ? mainUrl : besideMain(mainUrl, main.id, name));
  }

  async function list(): Promise<Project[]> {
    const projects: Project[] = [];
    for await (const { id, value } of records.list(collection)) projects.push({ name: id, ...(value as Kept) });
    return projects;
  }

  const get = async (name: string) => (isName(name) ? await records.get(collection, name) : undefined);

  const projects: Projects = {
    list,
    addressOf,
    has: async (name) => (await get(name)) !== undefined,
    check: async () => void (await get('default')),

    async open(name) {
      if (name === 'default') return main;
      const record = await get(name);
      if (record === undefined) throw new AnySeriesError('not-found', `there is no project ${show(name)}`);
      const known = open.get(name);
      if (known?.version === record.version) return await known.store;
      // removed and added again, maybe with another store
      if (known !== undefined) replaced.push(known.store);
      const store = connect(addressOf({ name, ...(record.value as Kept) })!);
      open.set(name, { version: record.version, store });
      store.catch(() => open.delete(name));
      return await store;
    },

    async add({ name, store }) {
      if (!isName(name)) throw invalid('project', `${show(name)} is not made of up to 63 small letters, digits, hyphens and underscores`);
      const project: Project = { name, createdAt: clock.now(), ...(store === undefined ? {} : { store }) };
      const address = addressOf(project);
      if (address === undefined) throw invalid('store', `name the store of the project ${show(name)}: none follows from the main store`);
      const other = address === 'memory:' ? undefined : (await list()).find((taken) => taken.name !== name && addressOf(taken) === address);
      if (other !== undefined) throw new AnySeriesError('conflict', `the project ${show(other.name)} has this store already`);
      const { name: _, ...kept } = project;
      try {
        await records.put(collection, name, kept as Json, { ifVersion: null });
      } catch (error) {
        ignoreConflict(error);
        throw new AnySeriesError('conflict', `there is a project ${show(name)} already`, { cause: error });
      }
      return project;
    },

    async ensure(project) {
      const kept = (await list()).find(({ name }) => name === project.name);
      if (kept === undefined) await projects.add(project);
      else if (project.store !== undefined && project.store !== addressOf(kept))
        throw new AnySeriesError('conflict', `the project ${show(project.name)} is there already, with another store`);
    },

    async remove(name) {
      if (name === 'default') throw invalid('project', 'default is the main store itself and stays');
      return isName(name) && (await records.delete(collection, name));
    },

    async close() {
      const stores = await Promise.allSettled([...replaced, ...[...open.values()].map(({ store }) => store)]);
      await Promise.all(stores.map((store) => (store.status === 'fulfilled' ? store.value.close() : undefined)));
    },
  };
  return projects;
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name);
}

/** `sqlite:./data.db` gives `sqlite:./data.NAME.db`. */
function besideMain(mainUrl: string | undefined, mainId: string, name: string): string | undefined {
  if (mainUrl === 'memory:' || (mainUrl === undefined && mainId === 'memory')) return 'memory:';
  if (mainUrl === undefined || !mainUrl.startsWith('sqlite:')) return undefined;
  if (mainUrl === 'sqlite::memory:') return mainUrl;
  return mainUrl.replace(/(\.[^./\\]*)?$/, (extension) => `.${name}${extension}`);
}

function ignoreConflict(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'conflict') throw error;
}
