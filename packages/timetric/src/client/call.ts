import { type CallContext, checkCallOptions, createRuntime } from '@anyseries/core/provider';
import type { CheckedSettings } from '../settings.ts';
import { createService, type Service } from './service.ts';

/** Runs one call of the client, bound by the signal and the deadline of its options; the environment is read at the first. */
export type Call = <T>(options: unknown, work: (service: Service, context: CallContext) => Promise<T>) => Promise<T>;

export function createCall(settings: CheckedSettings): { call: Call; close: () => Promise<void> } {
  let service: Service | undefined;
  const runtime = createRuntime('timetric', () => ({}), settings.provider);
  return {
    close: runtime.close,
    async call(options, work) {
      return runtime.call(checkCallOptions(options), (_, context) => {
        service ??= createService(settings.connection());
        return work(service, context);
      });
    },
  };
}
