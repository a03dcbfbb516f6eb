import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Store, systemClock } from '@anyseries/core';
import { startGateway } from '@anyseries/gateway';
import { connect as connectMemory } from '@anyseries/memory';
import { connect as connectSqlite } from '@anyseries/sqlite';

const run = promisify(execFile);
const certificate = join(import.meta.dirname, 'certificate.pem');

/** What the clock of the gateway shows all the time. */
export const now = Date.UTC(2013, 8, 17, 12);

/** The stores that the clients are run over. */
export const storeNames = ['memory', 'sqlite'] as const;

/** What a client told, and what is stored afterwards. */
export interface ClientRun {
  // biome-ignore lint/suspicious/noExplicitAny: the answers of the service, as JSON
  readonly told: Readonly<Record<string, any>>;
  readonly store: Store;
  /** The address of the gateway. */
  readonly url: string;
  /** What the client says in every request to be let in. */
  readonly authorization: string;
  close(): Promise<void>;
}

/** Runs an original client, in a process of its own, against a gateway over a store; it trusts the gateway's certificate. */
export async function runClient(script: string, storeName: (typeof storeNames)[number]): Promise<ClientRun> {
  const folder = await mkdtemp(join(tmpdir(), 'original-clients-'));
  const store: Store = storeName === 'memory' ? connectMemory() : connectSqlite({ path: join(folder, 'data.db') });
  const credentials = { key: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', secret: '0f9e8d7c6b5a493827160f5e4d3c2b1a' };
  const authorization = `Basic ${btoa(`${credentials.key}:${credentials.secret}`)}`;
  const gateway = await startGateway({
    store,
    port: 0,
    tls: { cert: certificate, key: join(import.meta.dirname, 'key.pem'), port: 0 },
    protocols: ['tempodb'],
    credentials: [{ protocol: 'tempodb', project: 'default', ...credentials }],
    clock: { ...systemClock, now: () => now },
    log: { level: 'silent' },
  });
  const close = async () => {
    await gateway.close();
    await store.close();
    await rm(folder, { recursive: true });
  };
  try {
    const [port, tlsPort] = [gateway.url, gateway.tlsUrl!].map((url) => Number(new URL(url).port));
    const options = { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate }, timeout: 20_000 };
    const { stdout } = await run(
      process.execPath,
      [join(import.meta.dirname, script), JSON.stringify({ port, tlsPort, ...credentials })],
      options,
    );
    return { told: JSON.parse(stdout) as ClientRun['told'], store, url: gateway.url, authorization, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The points of a series in the store: `[time, value]`. */
export async function pointsOf(store: Store, series: string): Promise<unknown[]> {
  const points = await store.read({ series }).toArray();
  return points.map(({ time, value }) => [new Date(time).toISOString(), value]);
}
