/** What a sign-in or a refresh has given: texts by names of the provider's choice. */
export type StoredTokens = Readonly<Record<string, string>>;

/**
 * Where a provider keeps the tokens that it was given, for the next run. What is saved last counts; losing it costs a sign-in, no more. In memory:
 * {@link createTokenStore}; in files: `tokenFolder` of `@anyseries/core/node`.
 */
export interface TokenStore {
  load(name: string): Promise<StoredTokens | undefined>;
  save(name: string, tokens: StoredTokens): Promise<void>;
  /** What is not there is no error. */
  delete(name: string): Promise<void>;
}

/** A token store in memory. */
export function createTokenStore(): TokenStore {
  const kept = new Map<string, StoredTokens>();
  return {
    load: async (name) => kept.get(name),
    save: async (name, tokens) => void kept.set(name, { ...tokens }),
    delete: async (name) => void kept.delete(name),
  };
}
