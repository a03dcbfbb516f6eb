/**
 * The series that are known to exist, so that a write need not look for them. What is known holds for one epoch of the store: each deletion of a
 * series begins another. A transaction that relies on it reads the epoch, and thereby fails when the epoch ends before it is committed.
 */
export interface KnownSeries {
  hasKey(epoch: number, key: string): boolean;
  keyOf(epoch: number, id: string): string | undefined;
  addKeys(epoch: number, keys: Iterable<string>): void;
  addIds(epoch: number, keysById: ReadonlyMap<string, string>): void;
}

/** So many are kept; beyond, all are forgotten and met anew. */
const mostKnown = 200_000;

export function createKnownSeries(): KnownSeries {
  const keys = new Set<string>();
  const keysById = new Map<string, string>();
  let present = -1;

  function enter(epoch: number): void {
    if (epoch === present) return;
    keys.clear();
    keysById.clear();
    present = epoch;
  }

  return {
    hasKey: (epoch, key) => epoch === present && keys.has(key),
    keyOf: (epoch, id) => (epoch === present ? keysById.get(id) : undefined),
    addKeys(epoch, added) {
      enter(epoch);
      if (keys.size >= mostKnown) keys.clear();
      for (const key of added) keys.add(key);
    },
    addIds(epoch, added) {
      enter(epoch);
      if (keysById.size >= mostKnown) keysById.clear();
      for (const [id, key] of added) keysById.set(id, key);
    },
  };
}
