import type { Clock, Store } from '@anyseries/core';
import { createVault, type ProtocolServer, sha256 } from '@anyseries/core/server';
import { connect } from '@anyseries/memory';
import { hashPassword } from '../src/server/passwords.ts';
import { recordId } from '../src/server/record-ids.ts';
import { addSigningKey } from '../src/server/signing.ts';
import { createServer, type IobeamServerOptions } from '../src/server.ts';

/** What the first entry of a file of vectors tells of the world. */
export interface WorldSetup {
  readonly clockMs: number;
  readonly projects: readonly { readonly id: number; readonly name: string; readonly created?: string }[];
  readonly credentials: {
    readonly jwt: { readonly secret: string; readonly kid: number };
    readonly users: readonly {
      readonly id: number;
      readonly username: string;
      readonly email: string;
      readonly name: string;
      readonly password: string;
    }[];
    readonly invite: string;
    readonly resetKey: string;
    readonly verificationKey: string;
  };
  readonly text: string;
}

export interface World {
  readonly server: ProtocolServer;
  /** That of the first project, which also keeps what all projects share. */
  readonly store: Store;
  readonly clock: Clock & { time: number };
}

/** The world of the vectors: one store per project, users with every permission, the keys of the document. */
export async function openWorld(setup: WorldSetup, options: Partial<IobeamServerOptions> = {}): Promise<World> {
  const clock = { time: setup.clockMs, now: () => clock.time, setTimer: () => () => {} };
  const store = connect({ clock });
  const vault = createVault('0'.repeat(64));
  const { jwt, users, invite, resetKey, verificationKey } = setup.credentials;
  const put = (collection: string, id: string, value: Parameters<Store['records']['put']>[2]) =>
    store.records.put(`iobeam/${collection}`, id, value);

  await addSigningKey(store.records, vault, jwt.kid, jwt.secret);
  for (const { id, username, email, name, password } of users) {
    const [first_name = '', last_name = ''] = name.split(' ');
    const profile = { username, email, first_name, last_name };
    await put('users', recordId(id), { profile, password: await hashPassword(password), verified: true });
    for (const known of [username, email]) await put('user-names', known, { user: id });
    await put('reset-password', await sha256(resetKey), { user: id });
    await put('verify-email', await sha256(verificationKey), { user: id });
  }
  const created = /created\s+(\d{4}-\d\d-\d\dT[\d:]+Z)/.exec(setup.text)?.[1] ?? new Date(setup.clockMs).toISOString();
  for (const { id, name } of setup.projects) {
    const permissions = Object.fromEntries(users.map((user) => [user.id, 7]));
    await put('projects', recordId(id), { name, created: Date.parse(created), home: 'default', permissions });
    await put('project-names', name, { project: id });
  }
  const namespaceStart = /namespace ids\s+count from (\d+)/.exec(setup.text)?.[1];
  if (namespaceStart !== undefined) await put('counters', 'namespaces', { last: Number(namespaceStart) - 1 });
  await put('counters', 'projects', { last: Math.max(...setup.projects.map(({ id }) => id)) });
  await put('counters', 'users', { last: Math.max(...users.map(({ id }) => id)) });

  const stores = new Map([['default', store]]);
  const server = createServer({
    store,
    clock,
    vault,
    project: async (name) => stores.get(name)!,
    createProject: async (name) => {
      const made = connect({ clock });
      stores.set(name, made);
      return made;
    },
    settings: { invites: [invite] },
    ...options,
  });
  return { server, store, clock };
}
