import type { Json, Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { addAccount, createAccounts } from '../src/server/accounts.ts';
import { append } from '../src/server/append.ts';
import { createGraphs } from '../src/server/graphs.ts';
import { createArrivals, listCollection } from '../src/server/list-keys.ts';
import { createSessions } from '../src/server/sessions.ts';

/** A user of a setup. */
export interface WorldUser {
  readonly name: string;
  readonly token: string;
  readonly password?: string;
  readonly session?: string;
  readonly graphs?: readonly { readonly id: string; readonly name?: string }[];
}

/** What goes into a store beside the users, by the id of the graph. */
export interface WorldGraphs {
  readonly points?: Readonly<Record<string, readonly Json[]>>;
  readonly scales?: Readonly<Record<string, number>>;
}

/** Passwords of tests need not be expensive to guess. */
const cheap = 2;

/** Puts users, their sessions and their graphs into a store, with the ids and secrets that are told. */
export async function arrangeWorld(
  store: Store,
  users: readonly WorldUser[],
  { points = {}, scales = {} }: WorldGraphs = {},
): Promise<void> {
  const credentials = createCredentials(store);
  const project = 'default';
  const open = async () => store;
  const accounts = createAccounts(credentials, open);
  const graphs = createGraphs(store, open);
  // a session that has not ended at any time that tests play in
  const sessions = createSessions(store, { now: () => Date.UTC(2100, 0, 1), setTimer: () => () => {} });
  const arrival = createArrivals(() => 0);
  for (const { name, token, password = 'unknown', session, graphs: own = [] } of users) {
    await addAccount(credentials, { name, token, password, project, cost: cheap });
    if (session !== undefined) await sessions.open(name, token, session);
    const account = (await accounts.byName(name))!;
    for (const { id, name: title = id } of own) {
      await graphs.create(account, title, 'timeplot', id);
      const graph = (await graphs.find(id))!;
      for (const point of points[id] ?? []) await append(store, [{ graph, points: [point] }], arrival(), async () => true);
      if (scales[id] !== undefined) await graphs.saveScale(id, scales[id]);
    }
  }
}

/** A graph's list as it is kept, in the order in which its points arrived. */
export async function readList(store: Store, graph: string): Promise<Json[]> {
  const records = await Array.fromAsync(store.records.list<Json[]>(listCollection(graph)));
  const arrival = (id: string) => id.slice(id.indexOf('/'));
  return records.sort((a, b) => (arrival(a.id) < arrival(b.id) ? -1 : 1)).flatMap(({ value }) => value);
}
