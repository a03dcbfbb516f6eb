import { connect } from '../src/index.ts';

/** What `connect()` without settings needs in its environment to reach a fresh backend: nothing, it is a store of its own. */
export async function start() {
  return { environment: {}, close: async () => {} };
}

/** A fresh, empty store. */
export async function open() {
  const provider = connect();
  return { provider, close: () => provider.close() };
}
