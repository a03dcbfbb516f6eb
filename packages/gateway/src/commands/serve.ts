import { parseArgs } from 'node:util';
import { checkConfiguration, type GatewayConfiguration } from '../configuration.ts';
import { startGateway } from '../gateway.ts';
import type { Gateway } from '../options.ts';
import { commonFlags, readConfiguration, toPort } from './flags.ts';

const flags = {
  ...commonFlags,
  host: { type: 'string' },
  port: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-port': { type: 'string' },
  protocol: { type: 'string', multiple: true },
  'cors-origin': { type: 'string', multiple: true },
  'log-level': { type: 'string' },
  'log-to': { type: 'string' },
} as const;

/** Runs the gateway until it is told to stop. */
export async function serve(args: readonly string[]): Promise<void> {
  const { config, ...values } = parseArgs({ args: [...args], options: flags }).values;
  const fromFlags = {
    store: values.store,
    host: values.host,
    port: values.port === 'none' ? false : toPort(values.port, '--port'),
    protocols: values.protocol,
    corsOrigins: values['cors-origin'],
  };
  const file = readConfiguration(config);
  const tls = given({ cert: values['tls-cert'], key: values['tls-key'], port: toPort(values['tls-port'], '--tls-port') });
  const log = given({ level: values['log-level'], to: values['log-to'] });
  const merged = {
    ...file,
    ...given(fromFlags),
    ...(Object.keys(tls).length === 0 ? {} : { tls: { ...file.tls, ...tls } }),
    log: { ...file.log, ...log },
  };
  const configuration: GatewayConfiguration = checkConfiguration(merged, 'command line');
  await untilStopped(await startGateway(configuration));
}

function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Lets a gateway run until SIGTERM or SIGINT; a second signal ends the process at once. */
export async function untilStopped(gateway: Gateway): Promise<void> {
  await new Promise<void>((resolve) => {
    let isAsked = false;
    const ask = (_: NodeJS.Signals, number: number) => {
      if (isAsked) process.exit(128 + number);
      isAsked = true;
      resolve();
    };
    process.on('SIGINT', ask).on('SIGTERM', ask);
  });
  await gateway.close();
  // a protocol server may have left something behind that keeps the process
  setTimeout(() => process.exit(), 2000).unref();
}
