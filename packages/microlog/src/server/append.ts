import { AnySeriesError, isAnySeriesError, type Json, type PointInput, type Store, type Transaction, type Value } from '@anyseries/core';
import { addValues } from '@anyseries/core/provider';
import { amountOf, secondsOf } from '../wire/count.ts';
import type { Graph } from './graphs.ts';
import { hourKey, listCollection, noHour, numberName } from './list-keys.ts';

/** Points for one graph, as they were sent. */
export interface Addition {
  readonly graph: Graph;
  readonly points: readonly unknown[];
}

export interface Appended {
  /** Per addition, the places of the points that were not taken: no JSON, nested beyond reason, or nothing that their series could add. */
  readonly dropped: readonly ReadonlySet<number>[];
}

/** A point on its way: what it adds to its series, if anything. */
interface Entry {
  readonly addition: number;
  readonly place: number;
  readonly point: Json;
  readonly hour: string;
  readonly increment: PointInput<number> | undefined;
}

/** A commit that met a value which it cannot add to is done again without the points that are to blame. */
const maxCommits = 3;

/**
 * Appends points to the lists of their graphs and adds their counts to the series of the same graphs, at whole seconds, all in one transaction.
 * Duplicates stay, order stays, and what no page can show is kept in the list all the same.
 *
 * @param within does what has to be committed with the points; `false` keeps them out
 */
export async function append(
  store: Store,
  additions: readonly Addition[],
  arrival: string,
  within: (tx: Transaction, appended: Appended) => Promise<boolean>,
): Promise<void> {
  const dropped = additions.map(() => new Set<number>());
  let entries = additions.flatMap((addition, index) => entriesOf(addition, index, dropped[index]!));
  for (let commits = 1; ; commits++) {
    try {
      return await store.transaction(async (tx) => {
        if (!(await within(tx, { dropped }))) return;
        putLists(tx, additions, entries, arrival);
        const increments = entries.flatMap(({ increment }) => increment ?? []);
        if (increments.length > 0) tx.increment(increments);
      });
    } catch (error) {
      if (!isAnySeriesError(error) || error.code !== 'conflict' || error.retryable || commits >= maxCommits) throw error;
      const refused = await findRefused(store, entries);
      for (const { addition, place } of refused) dropped[addition]!.add(place);
      entries = entries.filter((entry) => !refused.has(entry));
    }
  }
}

function entriesOf({ graph, points }: Addition, addition: number, dropped: Set<number>): Entry[] {
  return points.flatMap((point, place) => {
    if (point === null || !isStorable(point, maxDepth)) {
      dropped.add(place);
      return [];
    }
    const { time, count } = point as { time?: unknown; count?: unknown };
    const [seconds, amount] = [secondsOf(time), amountOf(count)];
    const hasIncrement = Number.isFinite(seconds) && Number.isFinite(amount);
    // an own list tells what was sent; of a series of another protocol only the sum can be kept
    if (!hasIncrement && !graph.hasList) {
      dropped.add(place);
      return [];
    }
    const increment = hasIncrement ? { series: graph.series, time: Math.floor(seconds) * 1000, value: amount } : undefined;
    return [{ addition, place, point, hour: increment === undefined ? noHour : hourKey(seconds), increment }];
  });
}

const maxDepth = 100;

/** Whether records can hold a value: JSON text may name numbers that no double holds, and nest deeper than anybody reads. */
function isStorable(value: unknown, depth: number): value is Json {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isStorable(member, depth - 1));
}

/** A record for each run of points of one hour; the names of the records tell the order in which the points arrived. */
function putLists(tx: Transaction, additions: readonly Addition[], entries: readonly Entry[], arrival: string): void {
  for (let from = 0, to = 0; from < entries.length; from = to) {
    const { addition, place, hour } = entries[from]!;
    while (to < entries.length && entries[to]!.addition === addition && entries[to]!.hour === hour) to++;
    const { graph } = additions[addition]!;
    const points = entries.slice(from, to).map(({ point }) => point);
    if (graph.hasList) tx.records.put(listCollection(graph.id), `${hour}/${arrival}-${numberName(addition)}-${numberName(place)}`, points);
  }
}

/** The points whose counts cannot be added: to a text or a boolean of another protocol, or beyond what a number holds. */
async function findRefused(store: Store, entries: readonly Entry[]): Promise<ReadonlySet<Entry>> {
  const sums = new Map<string, Value | undefined>();
  const refused = new Set<Entry>();
  for (const entry of entries) {
    if (entry.increment === undefined) continue;
    const { series, time, value } = entry.increment as { series: string; time: number; value: number };
    const name = `${time} ${series}`;
    if (!sums.has(name)) sums.set(name, await valueAt(store, series, time));
    try {
      sums.set(name, addValues(sums.get(name) ?? 0, value));
    } catch {
      refused.add(entry);
    }
  }
  if (refused.size === 0) throw new AnySeriesError('unavailable', 'the store refused an addition that it could make');
  return refused;
}

async function valueAt(store: Store, series: string, time: number): Promise<Value | undefined> {
  const [first] = await store.read({ series, start: time, limit: 1 }).toArray();
  return first?.time === time ? first.value : undefined;
}
