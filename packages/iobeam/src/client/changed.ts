import { type HttpResponse, readJson } from '@anyseries/core/http';
import type { ZodMiniType } from 'zod/mini';

/** The resource as it is after a change; `undefined` where the service had nothing to change (204). */
export async function readPossibly<T>(answer: HttpResponse, schema: ZodMiniType<T>): Promise<T | undefined> {
  return answer.status === 204 ? undefined : readJson(answer, schema);
}
