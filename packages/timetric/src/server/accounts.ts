import { AnySeriesError, isAnySeriesError, type Store } from '@anyseries/core';
import { type Credential, type CredentialData, type Credentials, hashPassword, isPassword, type Vault } from '@anyseries/core/server';
import { keyLength, randomText } from './secrets.ts';

export const protocolId = 'timetric';

/** Somebody who owns series. */
export interface User {
  readonly name: string;
  readonly project: string;
  /** Where the points of the project are. */
  readonly store: Store;
}

/** A consumer: a program that asks users for access to their series. */
export interface Application {
  readonly key: string;
  readonly secret: string;
  /** For people. */
  readonly name: string;
}

/** What an application has been given by a user. */
export interface AccessToken {
  readonly key: string;
  readonly secret: string;
  readonly application: string;
  readonly user: User;
}

/** Something that a user can see and revoke on the settings page. */
export interface Grant {
  readonly kind: 'application' | 'api-token' | 'access-token';
  readonly key: string;
  /** What the user has called it; of an access token, the application. */
  readonly name: string;
}

/**
 * Users, applications and tokens: credentials of the gateway, told apart by their kind. API tokens and passwords are kept as hashes; what
 * signatures are made with is sealed.
 */
export interface Accounts {
  user(name: string): Promise<User | undefined>;
  byPassword(name: string, password: string): Promise<User | undefined>;
  byApiToken(key: string, secret: string): Promise<User | undefined>;
  application(key: string): Promise<Application | undefined>;
  accessToken(key: string): Promise<AccessToken | undefined>;
  addApplication(owner: User, name: string, hasSecret: boolean): Promise<Application>;
  addApiToken(owner: User, name: string): Promise<{ readonly key: string; readonly secret: string }>;
  addAccessToken(owner: User, application: string): Promise<{ readonly key: string; readonly secret: string }>;
  grants(owner: User): Promise<readonly Grant[]>;
  /** Ends one of the owner's; answers whether there was one to end. */
  revoke(owner: User, key: string): Promise<boolean>;
}

/** A credential to be added, with what is not to be made at random. */
export interface NewCredential {
  readonly project: string;
  readonly user: string;
  readonly key?: string | undefined;
  readonly secret?: string | undefined;
}

/** Adds credentials; for the server itself, and for the tool of the gateway. */
export interface CredentialWriter {
  /** Without a password nobody can log in as this user. */
  addUser(added: { readonly name: string; readonly password: string | undefined; readonly project: string }): Promise<void>;
  addApplication(added: NewCredential & { readonly name: string }): Promise<Application>;
  addApiToken(added: NewCredential & { readonly name: string }): Promise<{ readonly key: string; readonly secret: string }>;
  addAccessToken(added: NewCredential & { readonly application: string }): Promise<{ readonly key: string; readonly secret: string }>;
}

/** The names under which secrets are sealed. */
const sealName = (kind: string, key: string) => `the secret of the Timetric ${kind} ${key}`;

export function createCredentialWriter(credentials: Credentials, vault: Vault): CredentialWriter {
  async function add(project: string, key: string, secret: string | undefined, data: CredentialData): Promise<void> {
    await credentials.add({ protocol: protocolId, id: key, project, secret, data });
  }

  return {
    async addUser({ name, password, project }) {
      await add(project, name, undefined, { kind: 'user', ...(password === undefined ? {} : { password: await hashPassword(password) }) });
    },
    async addApplication({ project, user, key = randomText(keyLength), secret = randomText(keyLength), name }) {
      await add(project, key, undefined, {
        kind: 'application',
        user,
        name,
        sealed: await vault.seal(secret, sealName('application', key)),
      });
      return { key, secret, name };
    },
    async addApiToken({ project, user, key = randomText(keyLength), secret = randomText(keyLength), name }) {
      await add(project, key, secret, { kind: 'api-token', user, name });
      return { key, secret };
    },
    async addAccessToken({ project, user, key = randomText(keyLength), secret = randomText(keyLength), application }) {
      const sealed = await vault.seal(secret, sealName('access token', key));
      await add(project, key, undefined, { kind: 'access-token', user, application, sealed });
      return { key, secret };
    },
  };
}

/** So many passwords are worked on at a time; each takes a tenth of a second and 32 MiB. */
const maxPasswords = 16;

export function createAccounts(credentials: Credentials, vault: Vault, openProject: (id: string) => Promise<Store>): Accounts {
  const writer = createCredentialWriter(credentials, vault);
  let passwordsAtWork = 0;

  async function find(kind: string, key: string): Promise<Credential | undefined> {
    const found = isKey(key) ? await credentials.find(protocolId, key) : undefined;
    return found?.data.kind === kind ? found : undefined;
  }

  async function user(name: string): Promise<User | undefined> {
    const found = await find('user', name);
    return found && openUser(name, found.project);
  }

  async function openUser(name: string, project: string): Promise<User | undefined> {
    try {
      return { name, project, store: await openProject(project) };
    } catch (error) {
      // the project was removed, and with it what its users could do
      if (isAnySeriesError(error) && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  /** The user of a token, unless the user is revoked. */
  async function ownerOf({ data }: Credential): Promise<User | undefined> {
    return user(data.user as string);
  }

  return {
    user,
    async byPassword(name, password) {
      if (passwordsAtWork >= maxPasswords) throw new AnySeriesError('rate-limited', 'too many passwords at once', { retryable: true });
      passwordsAtWork++;
      try {
        const found = await find('user', name);
        const isRight = await isPassword(password, found?.data.password as string | undefined);
        return isRight ? await openUser(name, found!.project) : undefined;
      } finally {
        passwordsAtWork--;
      }
    },
    async byApiToken(key, secret) {
      const found = isKey(key) ? await credentials.verify(protocolId, key, secret) : undefined;
      return found?.data.kind === 'api-token' ? ownerOf(found) : undefined;
    },
    async application(key) {
      const found = await find('application', key);
      if (found === undefined) return undefined;
      const { name, sealed } = found.data;
      return { key, name: name as string, secret: await vault.open(sealed as string, sealName('application', key)) };
    },
    async accessToken(key) {
      const found = await find('access-token', key);
      const owner = found && (await ownerOf(found));
      if (owner === undefined) return undefined;
      const { application, sealed } = found!.data;
      const secret = await vault.open(sealed as string, sealName('access token', key));
      return { key, secret, application: application as string, user: owner };
    },
    addApplication: ({ name: owner, project }, name, hasSecret) =>
      writer.addApplication({ project, user: owner, name, ...(hasSecret ? {} : { secret: '' }) }),
    addApiToken: ({ name: owner, project }, name) => writer.addApiToken({ project, user: owner, name }),
    addAccessToken: ({ name: owner, project }, application) => writer.addAccessToken({ project, user: owner, application }),
    async grants({ name: owner }) {
      const grants: Grant[] = [];
      for await (const { protocol, id, revokedAt, data } of credentials.list()) {
        if (protocol !== protocolId || revokedAt !== undefined || data.kind === 'user' || data.user !== owner) continue;
        const kind = data.kind as Grant['kind'];
        const application = kind === 'access-token' ? await find('application', data.application as string) : undefined;
        grants.push({ kind, key: id, name: ((application?.data ?? data).name as string | undefined) ?? 'a revoked application' });
      }
      return grants;
    },
    async revoke({ name: owner }, key) {
      const found = isKey(key) ? await credentials.find(protocolId, key) : undefined;
      if (found === undefined || found.data.kind === 'user' || found.data.user !== owner) return false;
      return credentials.revoke(protocolId, key);
    },
  };
}

/** Whether a text can be the name of a user or the key of something. */
function isKey(text: string): boolean {
  return text !== '' && text.length <= 255 && !text.includes('\0');
}
