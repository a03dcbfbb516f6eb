/** A server that speaks the wire protocols of time series services over a store of today. */
export type {
  GatewayConfiguration,
  Limits,
  LogConfiguration,
  LogLevel,
  ProjectConfiguration,
  ProtocolListener,
  RateLimit,
  Timeouts,
  TlsConfiguration,
} from './configuration.ts';
export { startGateway } from './gateway.ts';
export type { LogEntry } from './log.ts';
export type { Gateway, GatewayOptions, InitialCredential, OpenPort, ServedProtocol } from './options.ts';
