import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { AnySeriesError } from '../errors.ts';
import type { Store } from '../store.ts';
import type { CredentialData } from './protocol.ts';

/** A credential as it is kept: its secret only as a hash. */
export interface Credential {
  readonly protocol: string;
  /** The public half: a key, a user name; for a token that has none, its SHA-256. */
  readonly id: string;
  /** The project that it opens. */
  readonly project: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds; from then on it opens nothing. */
  readonly revokedAt?: number;
  /** What the protocol keeps with it: a level, an owner, ... */
  readonly data: CredentialData;
}

export interface NewCredential {
  readonly protocol: string;
  readonly id: string;
  readonly project: string;
  /** Kept as SHA-256: for random texts, not for passwords that people choose. Left out where `id` is the hash of a token. */
  readonly secret?: string | undefined;
  readonly data?: CredentialData | undefined;
}

/** Who may use which project, kept in the records of a store. */
export interface Credentials {
  /** @throws AnySeriesError `conflict` where the id is taken, also by a revoked one */
  add(credential: NewCredential): Promise<Credential>;
  /** The credential with this id, unless it is revoked. */
  find(protocol: string, id: string): Promise<Credential | undefined>;
  /** The credential with this id if the secret is right; takes as long if it is not. */
  verify(protocol: string, id: string, secret: string): Promise<Credential | undefined>;
  /** All, revoked ones included, by protocol and id. */
  list(): AsyncIterable<Credential>;
  /** Ends a credential at once; answers whether there was one to end. */
  revoke(protocol: string, id: string): Promise<boolean>;
}

type Kept = Omit<Credential, 'protocol' | 'id'> & { readonly secretHash?: string };

const collection = 'gateway/credentials';

export function createCredentials(store: Pick<Store, 'records'>, clock: Clock = systemClock): Credentials {
  const { records } = store;

  async function get(protocol: string, id: string): Promise<(Kept & { readonly version: number }) | undefined> {
    if (id === '' || id.length > 512) return undefined;
    const record = await records.get(collection, `${protocol}/${id}`);
    return record === undefined ? undefined : { ...(record.value as unknown as Kept), version: record.version };
  }

  return {
    async add({ protocol, id, project, secret, data = {} }) {
      const credential = { project, createdAt: clock.now(), data };
      const kept = secret === undefined ? credential : { ...credential, secretHash: await sha256(secret) };
      try {
        await records.put(collection, `${protocol}/${id}`, kept, { ifVersion: null });
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'conflict')
          throw new AnySeriesError('conflict', `${protocol} has a credential ${JSON.stringify(id)} already`, { cause: error });
        throw error;
      }
      return { protocol, id, ...credential };
    },

    async find(protocol, id) {
      const kept = await get(protocol, id);
      return kept === undefined || kept.revokedAt !== undefined ? undefined : publicPart(protocol, id, kept);
    },

    async verify(protocol, id, secret) {
      const [kept, hash] = await Promise.all([get(protocol, id), sha256(secret)]);
      const isRight = areEqual(hash, kept?.secretHash ?? '');
      return isRight && kept?.revokedAt === undefined ? publicPart(protocol, id, kept!) : undefined;
    },

    async *list() {
      for await (const { id: name, value } of records.list(collection)) {
        const slash = name.indexOf('/');
        yield publicPart(name.slice(0, slash), name.slice(slash + 1), value as unknown as Kept);
      }
    },

    async revoke(protocol, id) {
      const kept = await get(protocol, id);
      if (kept === undefined || kept.revokedAt !== undefined) return false;
      const { version, ...rest } = kept;
      await records.put(collection, `${protocol}/${id}`, { ...rest, revokedAt: clock.now() }, { ifVersion: version });
      return true;
    },
  };
}

function publicPart(protocol: string, id: string, { project, createdAt, revokedAt, data }: Kept): Credential {
  return { protocol, id, project, createdAt, data, ...(revokedAt === undefined ? {} : { revokedAt }) };
}

/** The SHA-256 of a text, in hexadecimal digits. */
export async function sha256(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

/** `bytes` random bytes, in hexadecimal digits. */
export function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Compares hashes in a time that does not tell where they differ. */
function areEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
