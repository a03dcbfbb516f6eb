import type { Store } from '@anyseries/core';
import { createVault, sha256 } from '@anyseries/core/server';
import type { World } from '../../../tooling/vectors/run.ts';
import type { Setup } from '../../../tooling/vectors/vector.ts';
import { hashPassword } from '../src/server/passwords.ts';
import { recordId } from '../src/server/record-ids.ts';
import { addSigningKey } from '../src/server/signing.ts';
import { allPermissions } from '../src/wire/token.ts';

/** What the setup of a file of this protocol's vectors tells of who may do what. */
export interface IobeamCredentials {
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
}

/** The key of the gateways of these tests: tokens of the document are signed with a key that is kept sealed. */
const gatewayKey = 'ab'.repeat(32);
process.env.ANYSERIES_GATEWAY_KEY = gatewayKey;

/** A gateway as the vectors of iobeam want it. */
export const world: World = {
  protocol: 'iobeam',
  credentials: () => [],
  settings: (setup) => ({ invites: [credentialsOf(setup).invite] }),
  arrange,
};

export function credentialsOf({ credentials }: Setup): IobeamCredentials {
  return credentials as unknown as IobeamCredentials;
}

/** Users with every permission in every project, all of them in the one store, and the keys that were sent to them. */
async function arrange(setup: Setup, { records }: Store): Promise<void> {
  const { jwt, users, resetKey, verificationKey } = credentialsOf(setup);
  const { projects = [], clockMs = 0, text } = setup;
  await addSigningKey(records, createVault(gatewayKey), jwt.kid, jwt.secret);
  for (const { id, username, email, name, password } of users) {
    const [first_name = '', last_name = ''] = name.split(' ');
    const profile = { username, email, first_name, last_name };
    await records.put('iobeam/users', recordId(id), { profile, password: await hashPassword(password), verified: true });
    for (const known of [username, email]) await records.put('iobeam/user-names', known, { user: id });
    await records.put('iobeam/reset-password', await sha256(resetKey), { user: id });
    await records.put('iobeam/verify-email', await sha256(verificationKey), { user: id });
  }
  const created = Date.parse(/created\s+(\d{4}-\d\d-\d\dT[\d:]+Z)/.exec(text)?.[1] ?? '') || clockMs;
  const permissions = Object.fromEntries(users.map(({ id }) => [id, allPermissions]));
  for (const { id, name } of projects) {
    await records.put('iobeam/projects', recordId(id), { name, created, home: 'default', permissions });
    await records.put('iobeam/project-names', name, { project: id });
  }
  await records.put('iobeam/counters', 'users', { last: Math.max(0, ...users.map(({ id }) => id)) });
  await records.put('iobeam/counters', 'projects', { last: Math.max(0, ...projects.map(({ id }) => id)) });
  await records.put('iobeam/counters', 'namespaces', { last: Number(/namespace\s+ids\s+count\s+from\s+(\d+)/.exec(text)?.[1] ?? 1) - 1 });
}
