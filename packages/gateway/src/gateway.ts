import { readFileSync } from 'node:fs';
import { type Clock, isAnySeriesError, systemClock } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import { createActivity } from './activity.ts';
import { createBodyRoom } from './body.ts';
import { checkConfiguration, type GatewayConfiguration, limitsOf, timeoutsOf } from './configuration.ts';
import { createCors } from './cors.ts';
import { withoutSecrets } from './failure.ts';
import { createListener, type ListenerParts } from './listener.ts';
import { createLog, jsonLines, type Log } from './log.ts';
import { type MainStore, openMainStore } from './main-store.ts';
import { createMetrics } from './metrics.ts';
import { checkServed, mountAll } from './mount.ts';
import type { Gateway, GatewayOptions, InitialCredential } from './options.ts';
import { createInstalled } from './packages.ts';
import { createPages } from './pages.ts';
import { type Listening, openPort, type Port, type PortSettings } from './ports.ts';
import { type FoundProtocol, findProtocols } from './protocols.ts';
import { createProxies } from './proxies.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createRouter, type Mounted } from './routing.ts';
import { createSender } from './sender.ts';

export const defaultStore = 'sqlite:./data.db';
export const defaultPort = 8484;
const defaultTlsPort = 8443;
const defaultHost = '127.0.0.1';

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
  const { store: named = defaultStore, protocols, credentials = [], log: logging, clock = systemClock, ...rest } = options;
  const configuration = checkConfiguration(rest, 'options');
  const installed = createInstalled();
  const found = await findProtocols(protocols, installed);
  const main = await openMainStore(named, configuration, installed, clock);
  try {
    await register(credentials, found, main);
    return await serve(found, main, configuration, openLog(logging, clock), clock);
  } catch (error) {
    await main.close();
    throw error;
  }
}

async function serve(
  found: readonly FoundProtocol[],
  main: MainStore,
  configuration: GatewayConfiguration,
  log: Log,
  clock: Clock,
): Promise<Gateway> {
  const { store, projects, credentials, vault } = main;
  const limits = limitsOf(configuration);
  const timeouts = timeoutsOf(configuration);
  const { tls, rateLimit, trustedProxies = [], corsOrigins = [], pages = true } = configuration;
  const startedAt = clock.now();
  let stopping: Promise<void> | undefined;
  const isStopping = () => stopping !== undefined;

  const onFailure = (protocol: string, error: unknown) => log.error('a protocol server failed', { protocol, ...withoutSecrets(error) });
  const mounts = mountAll(found, configuration, { store, project: projects.open, credentials, vault, clock }, onFailure);
  if (mounts.length === 0) log.warn('there is no protocol to serve: install one, such as @anyseries/tempodb');
  const metrics = createMetrics();
  const activity = createActivity();
  const facts = {
    version,
    protocols: mounts.map(({ protocol: { title }, prefix }) => ({ title, prefix })),
    uptimeMs: () => clock.now() - startedAt,
    projectCount: async () => (await projects.list()).length,
    checkStore: projects.check,
    isStopping,
    metrics: metrics.render,
  };
  const parts: ListenerParts = {
    mounts,
    router: createRouter(mounts),
    pages: createPages(facts, pages),
    bodies: createBodyRoom(limits.bodyBytes, limits.heldBytes),
    cors: createCors(corsOrigins),
    proxies: createProxies(trustedProxies),
    rateLimiter: rateLimit && createRateLimiter(rateLimit, clock),
    handlingMs: timeouts.handlingMs,
    sender: createSender(clock, isStopping),
    metrics,
    log,
    onFailure,
    activity,
  };
  const closeServers = async () => {
    metrics.close();
    await Promise.all(mounts.map(({ server }) => server.close?.()));
  };
  const open = await openPorts(portsOf(configuration, mounts, parts), { limits, timeouts, tls, metrics }).catch(async (error) => {
    await closeServers();
    throw error;
  });

  async function stop(): Promise<void> {
    log.info('stopping');
    const closed = Promise.all(open.map((port) => port.refuse()));
    if (!(await activity.idle(timeouts.stopMs))) log.warn('requests are cut off: they take too long');
    await closeServers();
    for (const port of open) port.end();
    await closed;
    await main.close();
    log.info('stopped');
  }

  const plain = open.find((port) => port.protocol === undefined && !port.tls);
  const secure = open.find((port) => port.protocol === undefined && port.tls);
  const shared = (plain ?? secure)?.url;
  const boundTo = (id: string) => open.find((port) => port.protocol === id)?.url;
  log.info('listening', { ports: open.map((port) => port.url), protocols: mounts.map(({ protocol }) => protocol.id) });
  return {
    url: shared ?? open[0]!.url,
    ...(secure === undefined ? {} : { tlsUrl: secure.url }),
    ports: open.map(({ url, port, protocol }) => ({ url, port, ...(protocol === undefined ? {} : { protocol }) })),
    protocols: mounts.map(({ protocol: { id, title }, prefix }) => ({
      id,
      title,
      prefix,
      url: shared === undefined ? boundTo(id) : shared + prefix,
    })),
    close: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** The ports that a configuration asks for. @throws AnySeriesError `invalid` that names the option */
function portsOf(configuration: GatewayConfiguration, mounts: readonly Mounted[], parts: ListenerParts): Port[] {
  const { host = defaultHost, port = defaultPort, tls, listeners = [] } = configuration;
  const listener = createListener(parts);
  const bound = listeners.map((entry, index): Port => {
    const ids = mounts.map(({ protocol }) => protocol.id);
    checkServed(entry.protocol, ids, `listeners.${index}.protocol`);
    const mounted = mounts[ids.indexOf(entry.protocol)]!;
    return {
      host: entry.host ?? host,
      port: entry.port,
      tls: entry.tls ?? false,
      protocol: entry.protocol,
      listener: createListener(parts, mounted),
    };
  });
  const ports = [
    ...(port === false ? [] : [{ host, port, tls: false, listener }]),
    ...(tls === undefined ? [] : [{ host: tls.host ?? host, port: tls.port ?? defaultTlsPort, tls: true, listener }]),
    ...bound,
  ];
  if (ports.length === 0) throw invalid('port', 'is false, and there is no tls and no listener: nothing would listen');
  return ports;
}

/** Opens all, or none. */
async function openPorts(ports: readonly Port[], settings: PortSettings): Promise<(Port & Listening)[]> {
  const open: (Port & Listening)[] = [];
  try {
    for (const port of ports) open.push({ ...port, ...(await openPort(port, settings)) });
    return open;
  } catch (error) {
    for (const port of open) port.end();
    throw error;
  }
}

/** Registers credentials that are not there yet. */
async function register(
  wanted: readonly InitialCredential[],
  found: readonly FoundProtocol[],
  { projects, credentials, vault }: MainStore,
): Promise<void> {
  for (const [index, { protocol: id, project = 'default', ...given }] of wanted.entries()) {
    const field = `credentials.${index}`;
    checkServed(
      id,
      found.map(({ protocol }) => protocol.id),
      `${field}.protocol`,
    );
    const { protocol } = found.find((one) => one.protocol.id === id)!;
    if (!(await projects.has(project))) throw invalid(`${field}.project`, `there is no project ${show(project)}`);
    const fields = Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));
    await protocol.credentials.add(fields, project, credentials, vault).catch((error) => {
      if (!isAnySeriesError(error) || error.code !== 'conflict') throw error;
    });
  }
}

function openLog(logging: GatewayOptions['log'], clock: Clock): Log {
  if (typeof logging === 'function') return createLog(logging, 'debug', clock);
  const { level = 'info', to = 'stdout' } = logging ?? { level: 'warn', to: 'stderr' };
  return createLog(jsonLines(process[to]), level, clock);
}
