import type { Clock, Store } from '@anyseries/core';
import type { Protocol } from '@anyseries/core/server';
import type { GatewayConfiguration, LogConfiguration } from './configuration.ts';
import type { LogEntry } from './log.ts';

/** A credential that is registered at the start, if there is none with the same public field. */
export interface InitialCredential {
  /** The id of the protocol. */
  readonly protocol: string;
  /** Default `default`. */
  readonly project?: string | undefined;
  /** The fields of the protocol's credentials: `key` and `secret`, `token`, ... */
  readonly [field: string]: string | undefined;
}

/** What a configuration file can say, and what only a program can give. */
export interface GatewayOptions extends Omit<GatewayConfiguration, 'store' | 'protocols' | 'log'> {
  /** The address of the main store, or an open store, which the gateway then does not close. Default `sqlite:./data.db`. */
  readonly store?: string | Store | undefined;
  /** The protocols to serve: ids, package names, paths of modules, or protocols themselves. Default: all that installed packages have. */
  readonly protocols?: readonly (string | Protocol)[] | undefined;
  readonly credentials?: readonly InitialCredential[] | undefined;
  /** Where entries of the log go, or which are written as lines of JSON; default: warnings and errors, to stderr. */
  readonly log?: ((entry: LogEntry) => void) | LogConfiguration | undefined;
  /** What time it is for protocols, stores, credentials, rates and the log; default: the system's clock. Time-outs of connections run on the system's timers. */
  readonly clock?: Clock | undefined;
}

/** An open port. */
export interface OpenPort {
  /** `http://127.0.0.1:8484` */
  readonly url: string;
  readonly port: number;
  /** The protocol that it is bound to, if it is. */
  readonly protocol?: string;
}

export interface ServedProtocol {
  readonly id: string;
  readonly title: string;
  readonly prefix: string;
  /** Where it is reached: below its prefix or, without a shared port, at a port of its own. */
  readonly url: string | undefined;
}

/** A gateway that runs. */
export interface Gateway {
  /** The address of plain HTTP, or of HTTPS where there is no plain HTTP; without a slash at the end. */
  readonly url: string;
  /** The address of HTTPS. */
  readonly tlsUrl?: string;
  /** Every port that it listens at. */
  readonly ports: readonly OpenPort[];
  readonly protocols: readonly ServedProtocol[];
  /** Stops: accepts nothing more, lets requests in flight end within `timeouts.stopMs`, closes the stores that it has opened. */
  close(): Promise<void>;
}
