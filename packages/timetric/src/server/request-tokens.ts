import { type Clock, isAnySeriesError, type Store } from '@anyseries/core';
import { sha256, type Vault } from '@anyseries/core/server';
import { isSame, keyLength, randomText, verifierLength } from './secrets.ts';

/** What an application has until a user says yes. */
export interface RequestToken {
  readonly key: string;
  readonly secret: string;
  /** The key of the application. */
  readonly application: string;
  /** 1.0a: where the user is sent, or `oob`. 1.0 tells that later, or never. */
  readonly callback: string | undefined;
  /** Who has approved it. */
  readonly user: string | undefined;
  /** Whether a text is the verifier that the user was given; without one, always. */
  isVerifiedBy(verifier: string | undefined): Promise<boolean>;
}

/** Request tokens: in the records, sealed, for some minutes, good for one exchange. */
export interface RequestTokens {
  create(application: string, callback: string | undefined): Promise<{ readonly key: string; readonly secret: string }>;
  find(key: string): Promise<RequestToken | undefined>;
  /** Notes who approves; answers the verifier of a 1.0a token. Nothing where the token is gone. */
  approve(key: string, user: string): Promise<{ readonly verifier: string | undefined } | undefined>;
  /** Uses a token up; answers whether it was there: of several at once, one succeeds. */
  take(key: string): Promise<boolean>;
}

type Kept = {
  readonly application: string;
  readonly sealed: string;
  readonly callback?: string;
  readonly user?: string;
  readonly verifierHash?: string;
};

const collection = 'timetric/request-tokens';
const sealName = (key: string) => `the secret of the Timetric request token ${key}`;

export function createRequestTokens({ records }: Pick<Store, 'records'>, vault: Vault, clock: Clock, lifeMs: number): RequestTokens {
  const get = async (key: string) => (isKey(key) ? records.get<Kept>(collection, key) : undefined);

  return {
    async create(application, callback) {
      const [key, secret] = [randomText(keyLength), randomText(keyLength)];
      const kept: Kept = { application, sealed: await vault.seal(secret, sealName(key)), ...(callback === undefined ? {} : { callback }) };
      await records.put(collection, key, kept, { ifVersion: null, expiresAt: clock.now() + lifeMs });
      return { key, secret };
    },

    async find(key) {
      const record = await get(key);
      if (record === undefined) return undefined;
      const { application, sealed, callback, user, verifierHash } = record.value;
      return {
        key,
        secret: await vault.open(sealed, sealName(key)),
        application,
        callback,
        user,
        async isVerifiedBy(verifier) {
          return verifierHash === undefined || (verifier !== undefined && isSame(await sha256(verifier), verifierHash));
        },
      };
    },

    async approve(key, user) {
      const record = await get(key);
      if (record === undefined) return undefined;
      const { value, version, expiresAt } = record;
      const verifier = value.callback === undefined ? undefined : randomText(verifierLength);
      const kept: Kept = { ...value, user, ...(verifier === undefined ? {} : { verifierHash: await sha256(verifier) }) };
      try {
        await records.put(collection, key, kept, { ifVersion: version, expiresAt });
        return { verifier };
      } catch (error) {
        if (isAnySeriesError(error) && error.code === 'conflict') return undefined;
        throw error;
      }
    },

    take: async (key) => isKey(key) && records.delete(collection, key),
  };
}

function isKey(text: string): boolean {
  return /^\w{1,64}$/.test(text);
}
