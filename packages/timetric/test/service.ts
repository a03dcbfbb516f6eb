import type { Clock } from '@anyseries/core';
import { createCredentials, createVault, randomHex } from '@anyseries/core/server';
import { connect as connectMemory } from '@anyseries/memory';
import { createServer, protocol } from '../src/server.ts';

export const key = 'kP8dHw3TmZ6qXv2R';
export const secret = 'nY7cJs4GbE9uKf5A';

/** A protocol server over a store in memory, with one API token, and the settings that reach it without a network. */
export async function startService({ clock }: { clock?: Clock } = {}) {
  const store = connectMemory(clock === undefined ? {} : { clock });
  const credentials = createCredentials(store, clock);
  const vault = createVault(randomHex(32));
  await credentials.add({ protocol: protocol.id, id: 'alice', project: 'default', data: { kind: 'user' } });
  await protocol.credentials.add({ user: 'alice', key, secret }, 'default', credentials, vault);
  const server = createServer({ store, credentials, vault, clock });
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => server.fetch(new Request(input, init));
  return { store, settings: { url: 'http://timetric.test', key, secret, fetch }, close: () => store.close() };
}
