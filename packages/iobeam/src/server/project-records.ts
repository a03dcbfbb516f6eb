import { type Clock, isAnySeriesError, type Store, type Transaction } from '@anyseries/core';
import { isRecordName, nextNumber, recordId } from './record-ids.ts';
import { alreadyExists, badField, forbidden, notFound } from './refusal.ts';

/** A project as this protocol knows it: by a number. */
export interface Project {
  readonly id: number;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly created: number;
  /** The gateway's name for it, which tells its store. */
  readonly home: string;
  /** The permission bits of users, by their numbers. */
  readonly permissions: Readonly<Record<string, number>>;
}

/** The projects of a gateway that this protocol knows, in the records of the main store. */
export interface ProjectRecords {
  /** Makes a project; `homeOf` makes its store. */
  add(project: Pick<Project, 'name' | 'permissions'>, homeOf: (id: number) => Promise<string>): Promise<Project>;
  /** The project of a number; a number that has none becomes that of `home`. */
  bind(id: number, home: string): Promise<Project>;
  find(id: number): Promise<Project | undefined>;
  named(name: string): Promise<Project | undefined>;
  /** By number. */
  list(): AsyncIterable<Project>;
  /** Answers whether the name is another one now. */
  rename(id: number, name: string): Promise<boolean>;
  /** Sets the permission bits of a user; answers those before. */
  setPermissions(id: number, userId: number, bits: number): Promise<number>;
}

type Kept = { readonly name: string; readonly created: number; readonly home: string; readonly permissions: Record<string, number> };

const projects = 'iobeam/projects';
const names = 'iobeam/project-names';

/** A number that an operator has given to a project of the gateway. */
export interface GivenNumber {
  readonly id: number;
  readonly home: string;
}

/** `given`: the numbers that operators have given out, with the tokens of the projects. They become records when somebody asks for them. */
export function createProjectRecords(
  store: Pick<Store, 'records' | 'transaction'>,
  clock: Clock,
  given: () => AsyncIterable<GivenNumber>,
): ProjectRecords {
  const { records } = store;

  async function find(id: number): Promise<Project | undefined> {
    const record = await records.get<Kept>(projects, recordId(id));
    if (record !== undefined) return { id, ...record.value };
    for await (const number of given()) if (number.id === id) return bind(id, number.home);
    return undefined;
  }

  async function freeNumber(): Promise<number> {
    for (;;) {
      const id = await store.transaction((tx) => nextNumber(tx, 'projects'));
      if ((await find(id)) === undefined) return id;
    }
  }

  async function change<T>(id: number, work: (kept: Kept, tx: Transaction) => Promise<{ kept: Kept; answer: T }>): Promise<T> {
    return store.transaction(async (tx) => {
      const record = await tx.records.get<Kept>(projects, recordId(id));
      if (record === undefined) throw notFound('Project');
      const { kept, answer } = await work(record.value, tx);
      if (kept !== record.value) tx.records.put(projects, recordId(id), kept);
      return answer;
    });
  }

  async function bind(id: number, home: string): Promise<Project> {
    const present = await records.get<Kept>(projects, recordId(id));
    if (present?.value.home === home) return { id, ...present.value };
    if (present !== undefined) throw forbidden('Token does not belong to this project');
    const kept: Kept = { name: home, created: clock.now(), home, permissions: {} };
    try {
      await store.transaction(async (tx) => {
        // where another project has the name, this one is found by its number alone
        if ((await tx.records.get(names, home)) === undefined) tx.records.put(names, home, { project: id });
        tx.records.put(projects, recordId(id), kept, { ifVersion: null });
      });
    } catch (error) {
      if (isAnySeriesError(error) && error.code === 'conflict') return bind(id, home);
      throw error;
    }
    return { id, ...kept };
  }

  return {
    find,
    bind,

    async add({ name, permissions }, homeOf) {
      if (!isRecordName(name)) throw badField('Invalid project_name');
      if ((await records.get(names, name)) !== undefined) throw nameTaken();
      const id = await freeNumber();
      const kept: Kept = { name, created: clock.now(), home: await homeOf(id), permissions: { ...permissions } };
      await store.transaction(async (tx) => {
        await takeName(tx, name, id);
        tx.records.put(projects, recordId(id), kept);
      });
      return { id, ...kept };
    },

    async named(name) {
      const record = isRecordName(name) ? await records.get<{ project: number }>(names, name) : undefined;
      return record && find(record.value.project);
    },

    async *list() {
      for await (const { id, home } of given()) await bind(id, home);
      for await (const { id, value } of records.list<Kept>(projects)) yield { id: Number(id), ...value };
    },

    async rename(id, name) {
      if (!isRecordName(name)) throw badField('Invalid project_name');
      return change(id, async (kept, tx) => {
        if (kept.name === name) return { kept, answer: false };
        await takeName(tx, name, id);
        const old = await tx.records.get<{ project: number }>(names, kept.name);
        if (old?.value.project === id) tx.records.delete(names, kept.name);
        return { kept: { ...kept, name }, answer: true };
      });
    },

    setPermissions(id, userId, bits) {
      return change(id, async (kept) => {
        const { [userId]: before = 0, ...others } = kept.permissions;
        if (bits === before) return { kept, answer: before };
        return { kept: { ...kept, permissions: bits === 0 ? others : { ...others, [userId]: bits } }, answer: before };
      });
    },
  };
}

async function takeName(tx: Transaction, name: string, id: number): Promise<void> {
  if ((await tx.records.get(names, name)) !== undefined) throw nameTaken();
  tx.records.put(names, name, { project: id });
}

function nameTaken() {
  return alreadyExists('Project name already in use');
}
