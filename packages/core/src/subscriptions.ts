import type { SubscriptionListener } from './backend.ts';
import { type PointBatch, pickRows } from './point-batch.ts';
import type { Series, SeriesFilter } from './series.ts';
import { matchesFilter } from './series-filter.ts';
import type { Gap } from './source.ts';

/** The listeners of a store, each with its filter. The store publishes what it has committed, in the order of its commits. */
export interface Subscriptions {
  readonly size: number;
  add(filter: SeriesFilter, listener: SubscriptionListener): () => void;
  publish(batch: PointBatch): void;
  gap(gap: Gap): void;
  /** Metadata has changed: what was known of which series match is forgotten. */
  forget(): void;
}

/** `describe` tells a series by its key, as it is now. */
export function createSubscriptions(describe: (key: string) => Series): Subscriptions {
  const members = new Set<{ filter: SeriesFilter; listener: SubscriptionListener; known: Map<string, boolean> }>();
  return {
    get size() {
      return members.size;
    },
    add(filter, listener) {
      const member = { filter, listener, known: new Map<string, boolean>() };
      members.add(member);
      return () => members.delete(member);
    },
    publish(batch) {
      for (const { filter, listener, known } of members) {
        const wanted = batch.refs.map(({ key }) => {
          const match = known.get(key) ?? matchesFilter(describe(key), filter);
          known.set(key, match);
          return match;
        });
        if (wanted.every(Boolean)) {
          listener.points(batch);
          continue;
        }
        const rows: number[] = [];
        for (let row = 0; row < batch.length; row++) if (wanted[batch.series[row]!]) rows.push(row);
        if (rows.length > 0) listener.points(pickRows(batch, rows));
      }
    },
    gap(gap) {
      for (const { listener } of members) listener.gap(gap);
    },
    forget() {
      for (const { known } of members) known.clear();
    },
  };
}
