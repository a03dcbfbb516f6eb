import { isAnySeriesError } from '@anyseries/core';
import { isObject } from './json.ts';

/** The numbers in `errors[0].code` (section 4.1). With the status they are the contract; messages are for people. */
export const faultCodes = {
  noCredentials: 10,
  forbidden: 11,
  expired: 12,
  notRefreshed: 13,
  noJson: 20,
  badField: 21,
  badParameter: 22,
  tooMany: 23,
  typeConflict: 24,
  badChecksum: 25,
  notFound: 32,
  exists: 33,
  badMethod: 34,
  failed: 50,
  duplicateId: 150,
  duplicateName: 151,
} as const;

/** What an answer says went wrong. */
export interface Fault {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly details?: string | undefined;
}

/** Reads the body of an answer that tells an error; `undefined` where it is another server's page, or nothing. */
export function parseFault(status: number, body: string): Fault | undefined {
  try {
    const { errors } = JSON.parse(body) as { readonly errors?: unknown };
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    if (!isObject(first) || typeof first.code !== 'number' || typeof first.message !== 'string') return undefined;
    const details = first.details ?? first.detailed_message;
    return { status, code: first.code, message: first.message, ...(typeof details === 'string' && { details }) };
  } catch {
    return undefined;
  }
}

/** What the service said when it refused; `undefined` for other errors. Code 150: the device id is taken. */
export function faultOf(error: unknown): Fault | undefined {
  const cause = isAnySeriesError(error) ? error.cause : undefined;
  return isObject(cause) && typeof cause.code === 'number' && typeof cause.status === 'number' ? (cause as unknown as Fault) : undefined;
}
