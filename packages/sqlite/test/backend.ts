import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../src/index.ts';

/** What `connect()` without settings needs in its environment to reach a fresh backend: the address of a file that is not there yet. */
export async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'anyseries-sqlite-'));
  return {
    environment: { ANYSERIES_SQLITE_URL: `sqlite:${join(folder, 'points.db')}` },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A fresh, empty store in a file of its own, which goes when it is closed. */
export async function open() {
  const { environment, close } = await start();
  const provider = connect(environment.ANYSERIES_SQLITE_URL);
  return {
    provider,
    async close() {
      await provider.close().finally(close);
    },
  };
}
