import { allTimes, type Capabilities, type Provider } from '@anyseries/core';
import { type Backend, type CallContext, createTransport, defineProvider, statusError } from '@anyseries/core/provider';
import { createService, type Service } from './client/service.ts';
import { createGraphDirectory } from './provider/graphs.ts';
import { createReadMethods } from './provider/read.ts';
import { createSendMethods, maxBytes, maxSeries } from './provider/send.ts';
import { type Connection, checkSettings, type MicrologServer, type MicrologSettings } from './settings.ts';
import { texts } from './wire/answers.ts';

const kept = {
  values: ['integer'],
  times: { resolution: 's', ...allTimes },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

const originalCapabilities = {
  ...kept,
  write: { limits: { maxBytes, maxSeries: 1 }, onDuplicate: 'adds', outcome: 'unconfirmed', granularity: 'batch' },
} as const satisfies Capabilities;

const gatewayCapabilities = {
  ...kept,
  write: { limits: { maxBytes, maxSeries }, onDuplicate: 'adds', outcome: 'stored', granularity: 'item', idempotencyKey: true },
  read: { windows: 'any', series: true, latest: true },
} as const satisfies Capabilities;

/** What Microlog can do: an original server takes points and tells nothing, a gateway can be read as well. */
export type MicrologCapabilities<S extends MicrologServer = 'gateway'> = S extends 'original'
  ? typeof originalCapabilities
  : typeof gatewayCapabilities;

/** A Microlog account, on an original server or behind a gateway that speaks its protocol. */
export type MicrologProvider<S extends MicrologServer = 'gateway'> = Provider<MicrologCapabilities<S>>;

/**
 * Connects to Microlog. Series are graphs: found by their name, or by their id, and made where the password is given. Points at the same second of a
 * series add up; times are whole seconds, values whole numbers.
 *
 * ```ts
 * await using log = connect('microlog://ada:aDa7Qm2ZpX9kLr4TtW1c@localhost:8484/?secure=false');
 * await log.write([{ series: 'Requests', value: 5 }]);
 * ```
 *
 * @param settings an address or settings; what they leave out comes from the environment, read at the first request
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createMicrolog<const S extends MicrologServer = 'gateway'>(settings?: string | MicrologSettings<S>): MicrologProvider<S> {
  const checked = checkSettings(settings);
  const capabilities: Capabilities = checked.server === 'original' ? originalCapabilities : gatewayCapabilities;
  const open = () => openBackend(checked.connection());
  const provider = defineProvider({ id: 'microlog', capabilities, settings: checked.provider, open });
  // the literal in the settings is what the type goes by
  return provider as unknown as MicrologProvider<S>;
}

function openBackend(connection: Connection): Backend {
  const { server, fetch, timeoutMs } = connection;
  const service = createService(connection);
  const graphs = createGraphDirectory(service, connection);
  const transport = createTransport({ fetch, timeoutMs });
  return {
    ...createSendMethods(connection, transport, graphs),
    ...(server === 'gateway' ? createReadMethods(service, graphs) : {}),
    check: (context) => check(service, connection, context),
    close: transport.close,
  };
}

/** A dataset without a graph: every server refuses it, but only after it has looked at the credentials, and it harms none. */
const harmless = '[{"graph":"","points":[]}]';

async function check(service: Service, { server }: Connection, context: CallContext): Promise<{ clockSkewMs?: number }> {
  if (server === 'gateway') await service.requireExtension(context);
  const answer = await service.post(harmless, { idempotent: true, accept: [404] }, context);
  const said = await answer.text();
  const isService = said === texts.graphNotFound || /^application\/json\b/i.test(answer.headers.get('content-type') ?? '');
  if (answer.status !== 404 || !isService) throw statusError(answer.status, `${said} (check the setting url)`);
  const date = Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(date) ? {} : { clockSkewMs: date - Math.floor(context.clock.now() / 1000) * 1000 };
}
