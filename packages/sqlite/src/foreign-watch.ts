import type { DatabaseSync } from 'node:sqlite';
import type { Gap } from '@anyseries/core';

/** Notices what other connections commit to the file. */
export interface ForeignWatch {
  /** Calls back when another connection has committed since the last look. Within a transaction, about the state that it sees. */
  look(now: number): void;
}

export function createForeignWatch(database: DatabaseSync, now: number, onCommit: (gap: Gap) => void): ForeignWatch {
  const select = database.prepare('PRAGMA data_version');
  const version = () => (select.get() as { data_version: number }).data_version;
  let seen = version();
  let lookedAt = now;

  return {
    look(at) {
      const present = version();
      const from = Math.min(lookedAt, at);
      lookedAt = at;
      if (present === seen) return;
      seen = present;
      onCommit({ gap: { from, to: at } });
    },
  };
}
