import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, plainAnswer, withVary } from './answer.ts';

/** What pages of other origins may do. */
export interface Cors {
  /** Whether a browser asks first, on behalf of a page that may ask. */
  isPreflight(method: string, headers: IncomingHttpHeaders): boolean;
  preflight(): Answer;
  /** The answer, readable by the page if its origin may ask. */
  allow(answer: Answer, origin: string | undefined): Answer;
}

const readable = 'Link, Truncated, Date, Retry-After, Anyseries-Omitted';

export function createCors(origins: readonly string[]): Cors {
  const anyone = origins.includes('*');
  const mayAsk = (origin: string | undefined) => origin !== undefined && (anyone || origins.includes(origin));

  return {
    isPreflight: (method, headers) =>
      method === 'OPTIONS' && headers['access-control-request-method'] !== undefined && mayAsk(headers.origin),

    preflight: () =>
      plainAnswer(204, {
        'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, *',
        'Access-Control-Max-Age': '86400',
      }),

    allow(answer, origin) {
      if (origins.length === 0) return answer;
      // who may read does not depend on who asks, or else caches must know
      const headers = anyone ? answer.headers : withVary(answer.headers, 'Origin');
      if (!mayAsk(origin) || headers['Access-Control-Allow-Origin'] !== undefined) return { ...answer, headers };
      const allowed = { 'Access-Control-Allow-Origin': anyone ? '*' : origin!, 'Access-Control-Expose-Headers': readable };
      return { ...answer, headers: { ...headers, ...allowed } };
    },
  };
}
