import type { Clock, Store } from '@anyseries/core';
import { sha256 } from '@anyseries/core/server';
import { sealWith, unsealWith } from './passwords.ts';
import { randomText } from './random-text.ts';

/** Who a browser belongs to. */
export interface Session {
  /** The value of the cookie. */
  readonly cookie: string;
  readonly username: string;
  /** The API token, for the dashboard. */
  token(): Promise<string | undefined>;
}

/** Sessions of browsers, in the records of the main store: found by the hash of the cookie, the token locked with the cookie itself. */
export interface Sessions {
  /** Opens one; answers the cookie. */
  open(username: string, token: string, cookie?: string): Promise<string>;
  find(cookie: string): Promise<Session | undefined>;
  close(cookie: string): Promise<void>;
}

/** What a browser keeps the cookie for, from its last request on. */
export const cookieSeconds = 3 * 24 * 3600;

/** A session outlives its cookie by a day, and so is put off at most once a day instead of with each request. */
const spareMs = 24 * 3600 * 1000;
const lifeMs = cookieSeconds * 1000 + spareMs;

const collection = 'microlog/sessions';

type Kept = { readonly username: string; readonly sealedToken: string };

export function createSessions({ records }: Store, clock: Clock): Sessions {
  return {
    async open(username, token, cookie = randomText()) {
      const kept: Kept = { username, sealedToken: await sealWith(cookie, token) };
      await records.put(collection, await sha256(cookie), kept, { expiresAt: clock.now() + lifeMs });
      return cookie;
    },
    async find(cookie) {
      const id = await sha256(cookie);
      const record = await records.get<Kept>(collection, id);
      if (record === undefined) return undefined;
      const { value, version, expiresAt = 0 } = record;
      const now = clock.now();
      // a session that was closed meanwhile stays closed
      if (expiresAt - now < lifeMs - spareMs)
        await records.put(collection, id, value, { expiresAt: now + lifeMs, ifVersion: version }).catch(ignoreConflict);
      return { cookie, username: value.username, token: () => unsealWith(cookie, value.sealedToken) };
    },
    async close(cookie) {
      await records.delete(collection, await sha256(cookie));
    },
  };
}

function ignoreConflict(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'conflict') throw error;
}
