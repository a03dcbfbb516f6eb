import { type CallContext, checkCallOptions, createRuntime } from '@anyseries/core/provider';
import type { CheckedSettings } from '../settings.ts';
import type { Service } from './service.ts';

/** Runs one call of the client, bound by the signal and the deadline of its options; the environment is read at the first. */
export type Call = <T>(options: unknown, work: (service: Service, context: CallContext) => Promise<T>) => Promise<T>;

/** @param session one that is open already */
export function createCall(settings: CheckedSettings, session: string | undefined): { call: Call; close: () => Promise<void> } {
  let opened: Service | undefined;
  const runtime = createRuntime('microlog', () => ({}), settings.provider);

  async function open(): Promise<Service> {
    const { createService } = await import('./service.ts');
    opened ??= Object.assign(createService(settings.connection()), { session });
    return opened;
  }

  return {
    close: runtime.close,
    call: async (options, work) => runtime.call(checkCallOptions(options), async (_, context) => work(opened ?? (await open()), context)),
  };
}
