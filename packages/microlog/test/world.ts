import { AnySeriesError, type Json, type Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import type { World } from '../../../tooling/vectors/run.ts';
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

const requests = 'ReqPerMin00000000001';

/** What the graphs of the vectors of the extension hold, as the document tells above them. */
const extensionPoints = [
  { time: 1478220726, count: 2, text: '' },
  { time: 1478220723, count: 5, text: 'boot' },
  { time: 1478220723, count: 5, text: '' },
];

/** A gateway as the vectors of Microlog want it. */
export const world: World = {
  protocol: 'microlog',
  // with their sessions and graphs, in `arrange`
  credentials: () => [],
  // where the document shows what a server without the extension answers
  settings: (exchange) => ({ signUpProject: 'default', extension: exchange?.id !== 'V20' }),
  async arrange({ credentials }, store, exchange) {
    const { points, savedInterval } = exchange?.beforeState ?? {};
    const held = exchange?.id.startsWith('X') ? extensionPoints : (points as Json[] | undefined);
    await arrangeWorld(store, credentials!.users as WorldUser[], {
      points: held === undefined ? {} : { [requests]: held },
      scales: typeof savedInterval === 'number' ? { [requests]: savedInterval } : {},
    });
  },
  disturb(store, { id }) {
    if (id !== 'V21') return;
    store.records.get = async () => {
      throw new AnySeriesError('unavailable', 'the database is away');
    };
  },
  async stored(store, { stored }) {
    const lists = Object.keys(stored as object).map(async (graph) => [graph, await readList(store, graph)]);
    return { stored: Object.fromEntries(await Promise.all(lists)) };
  },
  // the framework of the original names itself, and no client looks at the tags
  freeHeaders: ['x-powered-by', 'etag'],
  // tokens are random, and the two attributes are the gateway's own
  normalizeHeader: (name, value) =>
    name === 'set-cookie' ? value.replace(/^token=[0-9A-Za-z]{20}/, 'token=T').replace('; HttpOnly; SameSite=Lax', '') : value,
};
