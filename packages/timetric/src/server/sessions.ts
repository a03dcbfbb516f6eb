import type { Clock, Store } from '@anyseries/core';
import { sha256 } from '@anyseries/core/server';
import { randomText, sessionLength } from './secrets.ts';

/** A browser whose user has logged in. */
export interface Session {
  readonly user: string;
  /** Stands in every form, so that no other site can send one. */
  readonly formToken: string;
  /** Notes that the user has been asked about a request token. */
  mark(requestToken: string): Promise<void>;
  /** Uses the note up; answers whether there was one. */
  takeMark(requestToken: string): Promise<boolean>;
}

/** Sessions of browsers, in the records, by the hash of their cookie. */
export interface Sessions {
  /** Opens one; answers the value of its cookie. */
  open(user: string): Promise<string>;
  find(cookie: string): Promise<Session | undefined>;
  close(cookie: string): Promise<void>;
}

export const sessionSeconds = 12 * 3600;

const collection = 'timetric/sessions';
const marks = 'timetric/approvals-asked';

type Kept = { readonly user: string; readonly formToken: string };

/** @param markMs how long a user may take to answer */
export function createSessions({ records }: Pick<Store, 'records'>, clock: Clock, markMs: number): Sessions {
  return {
    async open(user) {
      const cookie = randomText(sessionLength);
      const kept: Kept = { user, formToken: randomText(sessionLength) };
      await records.put(collection, await sha256(cookie), kept, { expiresAt: clock.now() + sessionSeconds * 1000 });
      return cookie;
    },
    async find(cookie) {
      const id = await sha256(cookie);
      const found = await records.get<Kept>(collection, id);
      if (found === undefined) return undefined;
      const markOf = (requestToken: string) => sha256(`${id} ${requestToken}`);
      return {
        ...found.value,
        async mark(requestToken) {
          await records.put(marks, await markOf(requestToken), true, { expiresAt: clock.now() + markMs });
        },
        takeMark: async (requestToken) => records.delete(marks, await markOf(requestToken)),
      };
    },
    async close(cookie) {
      await records.delete(collection, await sha256(cookie));
    },
  };
}
