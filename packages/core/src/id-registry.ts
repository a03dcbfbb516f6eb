/**
 * Remembers what a service calls the series of a provider: for services that choose ids themselves. Losing it loses no points, but the way to them.
 * In memory: {@link createIdRegistry}; in files that several processes share: `idFolder` of `@anyseries/core/node`.
 */
export interface IdRegistry {
  /** The id of a series key. */
  get(key: string): Promise<string | undefined>;
  /**
   * Makes this the id of a key that has none. Answers the id that the key has from now on: where another, in any process, was faster, that one's;
   * the caller then gives up its own.
   */
  claim(key: string, id: string): Promise<string>;
  /** Forgets a key if it has this id. What is not there is no error. */
  delete(key: string, id: string): Promise<void>;
  /** Every key with its id. */
  list(): AsyncIterable<readonly [key: string, id: string]>;
}

/** A registry in memory. */
export function createIdRegistry(ids: Readonly<Record<string, string>> = {}): IdRegistry {
  const known = new Map(Object.entries(ids));
  return {
    get: async (key) => known.get(key),
    async claim(key, id) {
      const present = known.get(key);
      if (present === undefined) known.set(key, id);
      return present ?? id;
    },
    async delete(key, id) {
      if (known.get(key) === id) known.delete(key);
    },
    async *list() {
      yield* [...known];
    },
  };
}
