import type { Backend, CallContext } from './backend.ts';
import type { Capabilities } from './capabilities.ts';
import { AnySeriesError, show } from './errors.ts';
import { checkCallOptions } from './options.ts';
import type { Provider } from './provider-type.ts';
import { specVersion } from './provider-type.ts';
import { createSourceMethods, type RollsUp } from './read/source-methods.ts';
import { createRuntime, type ProviderSettings, type Runtime } from './runtime.ts';
import { createSinkMethods } from './write/sink-methods.ts';

export type { ProviderSettings };

export interface ProviderDefinition<C extends Capabilities> {
  /** The provider's id; also the name of its package and its URL scheme. */
  readonly id: string;
  readonly capabilities: C;
  /** The settings that every provider takes, checked by `checkProviderSettings`. */
  readonly settings?: ProviderSettings;
  /** Whether the backend computes a rollup whose function `read.rollups` declares; what it leaves, core folds. Default: always. */
  readonly rollsUp?: RollsUp;
  /** Opens the backend at the first call; after a failure again at the next. Reads settings and variables here, never at import. */
  open(): Backend | Promise<Backend>;
}

/**
 * Makes a provider of its author's half: adds validation, cutting to the limits, retry, deadlines, cancellation, rollups, merging and closing.
 * What the capabilities do not declare fails as `unsupported`.
 *
 * ```ts
 * export function connect(settings?: AcmeSettings) {
 *   return defineProvider({ id: 'acme', capabilities, open: () => createAcmeBackend(resolveSettings(settings)) });
 * }
 * ```
 */
export function defineProvider<const C extends Capabilities>(definition: ProviderDefinition<C>): Provider<C> {
  return defineOnRuntime(definition).provider;
}

/** The same, with the runtime under it: for what adds methods to a provider. */
export function defineOnRuntime<C extends Capabilities>(definition: ProviderDefinition<C>): { provider: Provider<C>; runtime: Runtime } {
  const { id, capabilities, settings = {}, rollsUp, open } = definition;
  const runtime = createRuntime(id, open, settings);
  const provider = {
    specVersion,
    id,
    capabilities,
    async check(options?: unknown) {
      const { clock } = runtime;
      const start = clock.now();
      return runtime.call(checkCallOptions(options), async (backend: Backend, context: CallContext) => {
        const told = await backend.check?.(context);
        return { ...told, latencyMs: Math.max(0, clock.now() - start) };
      });
    },
    ...createSinkMethods(runtime, capabilities),
    ...createSourceMethods(runtime, capabilities, rollsUp),
    close: runtime.close,
    [Symbol.asyncDispose]: runtime.close,
  };
  // what the capabilities declare decides which of these methods the type shows; the others are there and refuse
  return { provider: provider as unknown as Provider<C>, runtime };
}

/** Refuses a provider, a sink or a source of another version of the contract. @throws AnySeriesError `spec-version`, `invalid` */
export function checkSpecVersion(provider: unknown, field: string): void {
  const version = typeof provider === 'object' && provider !== null ? (provider as { specVersion?: unknown }).specVersion : undefined;
  if (version === specVersion) return;
  if (typeof version !== 'number') throw new AnySeriesError('invalid', `${field}: ${show(provider)} is no provider`);
  const advice = version > specVersion ? 'update @anyseries/core' : 'update the provider';
  throw new AnySeriesError(
    'spec-version',
    `${field}: made for version ${version} of the contract, this is version ${specVersion}; ${advice}`,
  );
}
