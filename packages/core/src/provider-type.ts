import type { Capabilities } from './capabilities.ts';
import type { CallOptions, TimeSeriesSink } from './sink.ts';
import type { TimeSeriesSource } from './source.ts';

/** The version of this contract. A provider made for another one is refused with `spec-version`. */
export const specVersion = 1;

export interface CheckResult {
  /** By how much the backend's clock is ahead of the local one, in milliseconds, where the backend tells its time. */
  readonly clockSkewMs?: number;
  /** How long the answer took, in milliseconds. */
  readonly latencyMs: number;
}

export interface ProviderIdentity<C extends Capabilities = Capabilities> {
  readonly specVersion: 1;
  /** The provider's id: `'sqlite'`, `'tempodb'`, ... */
  readonly id: string;
  readonly capabilities: C;
  /** Proves address, credentials and permissions. @throws AnySeriesError that names what to fix */
  check(options?: CallOptions): Promise<CheckResult>;
}

/** One backend: a sink, a source or both, as far as its capabilities say. */
export type Provider<C extends Capabilities = Capabilities> = ProviderIdentity<C> &
  (C extends { readonly write: object } ? TimeSeriesSink<C> : unknown) &
  (C extends { readonly read: object } ? TimeSeriesSource<C> : unknown);
