import { readFileSync } from 'node:fs';
import { isAnySeriesError, type Store, systemClock } from '@anyseries/core';
import { invalid } from '@anyseries/core/provider';
import { type Credentials, createCredentials, type Protocol } from '@anyseries/core/server';
import { createBodyRoom } from './body.ts';
import { checkConfiguration, type GatewayConfiguration, type Limits, type Timeouts } from './configuration.ts';
import { createCors } from './cors.ts';
import { createListener, type ListenerParts } from './listener.ts';
import { createLog, jsonLines, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { checkServed, mountAll } from './mount.ts';
import type { Gateway, GatewayOptions, InitialCredential } from './options.ts';
import { createInstalled } from './packages.ts';
import { createPages } from './pages.ts';
import { type Listening, openPort, type Port } from './ports.ts';
import { openProjects, type Projects } from './projects.ts';
import { findProtocols } from './protocols.ts';
import { createProxies } from './proxies.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createRouter, type Mounted } from './routing.ts';
import { createSender } from './sender.ts';
import { checkStore, createConnectStore } from './stores.ts';

export const defaultStore = 'sqlite:./data.db';

const defaultLimits: Required<Limits> = {
  bodyBytes: 16 * 1024 * 1024,
  heldBytes: 256 * 1024 * 1024,
  headerBytes: 16 * 1024,
  connections: 10_000,
};

const defaultTimeouts: Required<Timeouts> = {
  headersMs: 20_000,
  requestMs: 120_000,
  handlingMs: 60_000,
  idleMs: 120_000,
  keepAliveMs: 30_000,
  stopMs: 10_000,
};

/** The version of this package. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/**
 * Starts a gateway: opens the store, finds the protocols, listens.
 *
 * ```ts
 * const gateway = await startGateway({ store: 'sqlite:./data.db', protocols: ['tempodb'] });
 * console.log(gateway.url);
 * await gateway.close();
 * ```
 *
 * @throws AnySeriesError `invalid` that names the option, `not-found` where a package or a project is missing, `conflict` where a port is taken
 */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(options, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(options: GatewayOptions, closers: (() => Promise<void>)[], closeAll: () => Promise<void>): Promise<Gateway> {
  const { store: named = defaultStore, protocols, credentials: initial = [], log: logging, clock = systemClock, ...rest } = options;
  const configuration = checkConfiguration(rest, 'options');
  const log = openLog(logging, clock);
  const installed = createInstalled();
  const connect = createConnectStore(configuration.storeModules ?? {}, installed);
  const found = await findProtocols(protocols, installed);

  const store = typeof named === 'string' ? await connect(named) : checkStore(named, 'store');
  if (typeof named === 'string') closers.push(() => store.close());
  const projects = await openProjects(store, typeof named === 'string' ? named : undefined, connect, clock);
  closers.push(() => projects.close());
  await addProjects(configuration, projects);
  const credentials = createCredentials(store, clock);
  await register(
    initial,
    found.map(({ protocol }) => protocol),
    projects,
    credentials,
  );
  const mounts = mountAll(found, configuration, { store, project: projects.open, credentials, clock });
  closers.push(async () => {
    await Promise.all(mounts.map(({ server }) => server.close?.()));
  });

  const { limits = {}, timeouts = {}, tls } = configuration;
  const settings = { limits: { ...defaultLimits, ...limits }, timeouts: { ...defaultTimeouts, ...timeouts }, tls };
  ...
}
