import { AnySeriesError } from '@anyseries/core';
import type { HttpResponse } from '@anyseries/core/http';
import { type CallContext, checkCallOptions, createRuntime, show } from '@anyseries/core/provider';
import type { CheckedSettings } from '../settings.ts';
import { type Address, createService, type Page, type Service, type ServiceRequest } from './service.ts';

/** Runs one call of the client, bound by the signal and the deadline of its options; the environment is read at the first. */
export type Call = <T>(options: unknown, work: (service: Service, context: CallContext) => Promise<T>) => Promise<T>;

export function createCall(settings: CheckedSettings): { call: Call; close: () => Promise<void> } {
  let service: Service | undefined;
  const runtime = createRuntime('tempodb', () => ({}), settings.provider);
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

/** Sends to a resource of a series that must be there. @throws AnySeriesError `not-found` */
export async function sendTo(
  service: Service,
  series: Address,
  resource: string,
  request: ServiceRequest,
  context: CallContext,
): Promise<HttpResponse> {
  return existing(await service.sendTo(series, resource, request, context), series);
}

/** The answer about a series, which must be there. @throws AnySeriesError `not-found` */
export function existing<T extends HttpResponse | Page<unknown>>(answer: T | undefined, series: Address): T {
  if (answer !== undefined) return answer;
  const name = 'id' in series ? `the id ${show(series.id)}` : `the key ${show(series.key)}`;
  throw new AnySeriesError('not-found', `status 403: there is no series with ${name}; the credentials are right`);
}
