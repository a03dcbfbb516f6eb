import { type Clock, isAnySeriesError, type Store } from '@anyseries/core';
import { sha256 } from '@anyseries/core/server';

/** What makes a signed request the only one of its kind. The timestamp counts: eight digits alone would come twice by chance. */
export interface NonceUse {
  readonly consumer: string;
  /** Empty for a call that asks for a request token. */
  readonly token: string;
  readonly timestamp: number;
  readonly nonce: string;
}

/** Remembers nonces in the records, for all servers over the same store. */
export interface Nonces {
  /** Whether this is the first use; from now on it is none. */
  use(use: NonceUse): Promise<boolean>;
}

const collection = 'timetric/nonces';

/** @param windowMs how far a timestamp may be off; nonces are kept for twice that */
export function createNonces({ records }: Pick<Store, 'records'>, clock: Clock, windowMs: number): Nonces {
  return {
    async use({ consumer, token, timestamp, nonce }) {
      const id = await sha256(JSON.stringify([consumer, token, timestamp, nonce]));
      try {
        await records.put(collection, id, true, { ifVersion: null, expiresAt: clock.now() + 2 * windowMs });
        return true;
      } catch (error) {
        if (isAnySeriesError(error) && error.code === 'conflict') return false;
        throw error;
      }
    },
  };
}
