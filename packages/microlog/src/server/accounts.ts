import { AnySeriesError, isAnySeriesError, type Store } from '@anyseries/core';
import type { CredentialData, Credentials } from '@anyseries/core/server';
import { type KeptPassword, keepPassword, openWithPassword } from './passwords.ts';
import { randomText } from './random-text.ts';

export const protocolId = 'microlog';

/** Somebody who may write to a project's graphs. */
export interface Account {
  readonly name: string;
  readonly project: string;
  /** Where the points of the project are. */
  readonly store: Store;
}

/** An account whose owner is there: the token can be shown. */
export interface OpenedAccount {
  readonly account: Account;
  readonly token: string;
}

export interface Accounts {
  /** @throws AnySeriesError `conflict` where the name is taken */
  create(name: string, password: string, project: string): Promise<OpenedAccount>;
  byToken(name: string, token: string): Promise<Account | undefined>;
  byPassword(name: string, password: string): Promise<OpenedAccount | undefined>;
  byName(name: string): Promise<Account | undefined>;
}

export interface NewAccount {
  readonly name: string;
  readonly token: string;
  readonly password: string;
  readonly project: string;
  /** The cost of its password; less than usual is for tests. */
  readonly cost?: number;
}

/** Adds an account to the credentials of the gateway: the token as a hash there, the password as what {@link keepPassword} makes of it. */
export async function addAccount(credentials: Credentials, { name, token, password, project, cost }: NewAccount): Promise<void> {
  const kept = await keepPassword(password, token, cost);
  await credentials.add({ protocol: protocolId, id: name, project, secret: token, data: { password: { ...kept } } });
}

const maxNameBytes = 256;
/** So many passwords are worked on at a time; each takes a tenth of a second and 32 MiB. */
const maxAtWork = 16;

/** Whether an account can have this name: any text that records can be found by. */
export function isAccountName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !name.isWellFormed()) return false;
  return new TextEncoder().encode(name).length <= maxNameBytes;
}

export function createAccounts(credentials: Credentials, openProject: (id: string) => Promise<Store>): Accounts {
  let atWork = 0;

  async function accountOf(name: string, project: string): Promise<Account | undefined> {
    try {
      return { name, project, store: await openProject(project) };
    } catch (error) {
      // the project was removed, and with it what its accounts could do
      if (isAnySeriesError(error) && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  async function bounded<T>(work: () => Promise<T>): Promise<T> {
    if (atWork >= maxAtWork) throw new AnySeriesError('rate-limited', 'too many passwords at once');
    atWork++;
    try {
      return await work();
    } finally {
      atWork--;
    }
  }

  async function byName(name: string): Promise<Account | undefined> {
    const found = isAccountName(name) ? await credentials.find(protocolId, name) : undefined;
    return found && accountOf(name, found.project);
  }

  return {
    byName,
    async create(name, password, project) {
      const token = randomText();
      await bounded(() => addAccount(credentials, { name, token, password, project }));
      const account = await byName(name);
      if (account === undefined) throw new AnySeriesError('not-found', `there is no project ${project}`);
      return { account, token };
    },
    async byToken(name, token) {
      const found = isAccountName(name) ? await credentials.verify(protocolId, name, token) : undefined;
      return found && accountOf(name, found.project);
    },
    async byPassword(name, password) {
      const found = isAccountName(name) ? await credentials.find(protocolId, name) : undefined;
      const token = await bounded(() => openWithPassword(password, passwordIn(found?.data)));
      const account = found && token !== undefined ? await accountOf(name, found.project) : undefined;
      return account && { account, token: token! };
    },
  };
}

function passwordIn(data: CredentialData | undefined): KeptPassword | undefined {
  return data?.password as KeptPassword | undefined;
}
