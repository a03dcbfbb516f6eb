import { type Clock, isAnySeriesError } from '@anyseries/core';
import { createTokenStore, type TokenStore } from '@anyseries/core/provider';
import type { TokenUse } from './settings.ts';
import { decodeToken, expiryOf } from './wire/token.ts';

/** The project tokens of one connection. */
export interface Tokens {
  /** The token to send now; one that is about to expire is refreshed first. */
  current(use: TokenUse): Promise<string>;
  /** Another token than the one that was answered with 401; `undefined` where there is none to be had. */
  renew(use: TokenUse, failed: string): Promise<string | undefined>;
}

export interface TokensOptions {
  /** The tokens that the settings give. @throws AnySeriesError `unauthenticated` */
  readonly given: (use: TokenUse) => string;
  /** Asks the service for a fresh token (section 3.5); `undefined`: it refuses. Anything else that goes wrong throws. */
  readonly refresh: (token: string) => Promise<string | undefined>;
  readonly clock: Clock;
  /** Default: in memory. */
  readonly store?: TokenStore | undefined;
}

/** So long before its end a token is refreshed: clocks differ, and requests take their time. */
const aheadMs = 60_000;

/**
 * Keeps tokens fresh: each is refreshed once, however many calls wait for it, and what comes of it is used from then on and kept for the next run.
 * Tokens for reading and for writing are kept apart unless they are the same.
 */
export function createTokens({ given, refresh, clock, store = createTokenStore() }: TokensOptions): Tokens {
  const slots = new Map<string, Slot>();
  const slotsByUse = new Map<TokenUse, Slot>();

  function slotOf(use: TokenUse): Slot {
    return slotsByUse.get(use) ?? findSlot(use);
  }

  function findSlot(use: TokenUse): Slot {
    const token = given(use);
    const slot = slots.get(token) ?? createSlot(token, { refresh, clock, store });
    slots.set(token, slot);
    slotsByUse.set(use, slot);
    return slot;
  }

  return {
    current: async (use) => slotOf(use).current(),
    renew: async (use, failed) => slotOf(use).renew(failed),
  };
}

interface Slot {
  current(): Promise<string>;
  renew(failed: string): Promise<string | undefined>;
}

/** One token of the settings, and what became of it. */
function createSlot(given: string, { refresh, clock, store }: Omit<TokensOptions, 'given'> & { readonly store: TokenStore }): Slot {
  const name = storeName(given);
  let token = given;
  let expiry = endOf(given);
  let loaded: Promise<void> | undefined;
  let refreshing: Promise<string | undefined> | undefined;
  /** The service gives no other one for it; asking again would change nothing. */
  let isFinal = false;

  async function load(): Promise<void> {
    const kept = (await store.load(name))?.token;
    if (kept !== undefined && (expiryOf(kept) ?? 0) > (expiryOf(given) ?? 0)) use(kept);
  }

  function use(other: string): void {
    token = other;
    expiry = endOf(other);
  }

  async function replace(old: string): Promise<string | undefined> {
    const fresh = await refresh(old);
    if (fresh === undefined) {
      isFinal = true;
      return undefined;
    }
    use(fresh);
    // one that cannot be kept is good all the same: the next run asks for another
    await store.save(name, { token: fresh }).catch(() => {});
    return fresh;
  }

  function refreshOnce(): Promise<string | undefined> {
    refreshing ??= replace(token).finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  return {
    async current() {
      loaded ??= load();
      await loaded;
      const left = expiry - clock.now();
      if (left > aheadMs || isFinal) return token;
      try {
        return (await refreshOnce()) ?? token;
      } catch (error) {
        if (left > 0 && isAnySeriesError(error) && error.retryable) return token;
        throw error;
      }
    },

    async renew(failed) {
      if (refreshing === undefined && failed !== token) return token;
      return isFinal ? undefined : refreshOnce();
    },
  };
}

function endOf(token: string): number {
  return expiryOf(token) ?? Number.POSITIVE_INFINITY;
}

/** A name that tells which token it was without showing it, and another one when the settings change. */
function storeName(token: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < token.length; i++) hash = Math.imul(hash ^ token.charCodeAt(i), 0x01000193);
  return `iobeam-${decodeToken(token)?.claims.pid ?? 'token'}-${(hash >>> 0).toString(16).padStart(8, '0')}`;
}
