import type { Clock, Store, Transaction } from '@anyseries/core';
import { hashPassword, isPassword } from './passwords.ts';
import { isRecordName, nextNumber, recordId } from './record-ids.ts';
import { alreadyExists, notFound } from './refusal.ts';

/** What users tell of themselves. */
export interface Profile {
  readonly username: string;
  readonly email: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly url?: string;
  readonly company_name?: string;
}

export const profileFields = [
  'username',
  'email',
  'first_name',
  'last_name',
  'url',
  'company_name',
] as const satisfies readonly (keyof Profile)[];

export interface User {
  readonly id: number;
  readonly profile: Profile;
}

/** What a key sent by mail is good for. */
export type KeyPurpose = 'reset-password' | 'verify-email';

/** The users of a gateway, in the records of its main store. */
export interface UserRecords {
  add(profile: Profile, password: string): Promise<User>;
  find(id: number): Promise<User | undefined>;
  /** By e-mail address or user name, in any case of the letters. */
  named(name: string): Promise<User | undefined>;
  /** The user of a name and a password. */
  logIn(name: string, password: string): Promise<User | undefined>;
  /** Users in whose names or address the text is, by number. */
  search(text: string, most: number): Promise<User[]>;
  /** `changed`: whether the profile is another one now. */
  change(id: number, changes: Partial<Profile>): Promise<{ readonly user: User; readonly changed: boolean }>;
  changePassword(id: number, password: string): Promise<void>;
  markVerified(id: number): Promise<void>;
  /** Keeps a key that works once, within a day, by its hash. */
  keepKey(purpose: KeyPurpose, hash: string, userId: number): Promise<void>;
  /** Uses a key up; answers the user that it was made for. */
  redeemKey(purpose: KeyPurpose, hash: string): Promise<number | undefined>;
}

type Kept = { readonly profile: Profile & Record<string, string>; readonly password: string; readonly verified: boolean };

const users = 'iobeam/users';
const names = 'iobeam/user-names';
const keyLifeMs = 86_400_000;

export function createUserRecords(store: Pick<Store, 'records' | 'transaction'>, clock: Clock): UserRecords {
  const { records } = store;

  async function find(id: number): Promise<(User & Kept) | undefined> {
    const record = await records.get<Kept>(users, recordId(id));
    return record && { id, ...record.value };
  }

  async function named(name: string): Promise<(User & Kept) | undefined> {
    const record = isRecordName(name) ? await records.get<{ user: number }>(names, name.toLowerCase()) : undefined;
    return record && find(record.value.user);
  }

  /** Changes what is kept of a user; answers whether there was anything to change. */
  async function update(id: number, change: (kept: Kept, tx: Transaction) => Promise<Kept> | Kept): Promise<void> {
    await store.transaction(async (tx) => {
      const record = await tx.records.get<Kept>(users, recordId(id));
      if (record === undefined) throw notFound('User');
      tx.records.put(users, recordId(id), await change(record.value, tx));
    });
  }

  return {
    async add(profile, password) {
      const kept = { profile: { ...profile }, password: await hashPassword(password), verified: false };
      const id = await store.transaction(async (tx) => {
        const id = await nextNumber(tx, 'users');
        await takeNames(tx, id, profile);
        tx.records.put(users, recordId(id), kept);
        return id;
      });
      return { id, profile };
    },

    find,
    named,

    async logIn(name, password) {
      const found = await named(name);
      return (await isPassword(password, found?.password)) ? found : undefined;
    },

    async search(text, most) {
      const found: User[] = [];
      for await (const { id, value } of records.list<Kept>(users)) {
        if (found.length === most) break;
        const { username, email, first_name = '', last_name = '' } = value.profile;
        const told = `${username}\n${email}\n${first_name} ${last_name}`.toLowerCase();
        if (told.includes(text.toLowerCase())) found.push({ id: Number(id), profile: value.profile });
      }
      return found;
    },

    async change(id, changes) {
      const before = await find(id);
      if (before === undefined) throw notFound('User');
      const profile = { ...before.profile, ...changes };
      const changed = profileFields.some((name) => profile[name] !== before.profile[name]);
      if (changed) {
        await update(id, async (kept, tx) => {
          for (const name of namesOf(kept.profile)) tx.records.delete(names, name);
          await takeNames(tx, id, { ...kept.profile, ...changes });
          return { ...kept, profile: { ...kept.profile, ...changes } };
        });
      }
      return { user: { id, profile }, changed };
    },

    async changePassword(id, password) {
      const hash = await hashPassword(password);
      await update(id, (kept) => ({ ...kept, password: hash }));
    },

    markVerified: (id) => update(id, (kept) => ({ ...kept, verified: true })),

    async keepKey(purpose, hash, userId) {
      await records.put(`iobeam/${purpose}`, hash, { user: userId }, { expiresAt: clock.now() + keyLifeMs });
    },

    async redeemKey(purpose, hash) {
      return store.transaction(async (tx) => {
        const record = await tx.records.get<{ user: number }>(`iobeam/${purpose}`, hash);
        if (record !== undefined) tx.records.delete(`iobeam/${purpose}`, hash);
        return record?.value.user;
      });
    },
  };
}

async function takeNames(tx: Transaction, id: number, profile: Profile): Promise<void> {
  for (const name of namesOf(profile)) {
    const present = await tx.records.get(names, name);
    if (present !== undefined) throw alreadyExists(`${name === profile.email.toLowerCase() ? 'E-mail' : 'User name'} already in use`);
    tx.records.put(names, name, { user: id });
  }
}

function namesOf({ email, username }: Profile): string[] {
  return [...new Set([email.toLowerCase(), username.toLowerCase()])];
}
