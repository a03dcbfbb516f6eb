import type { EncodedRequest } from '@anyseries/core/http';

/** Adds the token to a batch. */
export function authorizeBatch(request: EncodedRequest, token: string): EncodedRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/** Adds the token to any other request. */
export function authorizeRequest(request: Request, token: string): Request {
  const authorized = new Request(request);
  authorized.headers.set('authorization', `Bearer ${token}`);
  return authorized;
}

/** Whether a request carries the token; the server's half. */
export function isAuthorized(request: Request, token: string): boolean {
  return request.headers.get('authorization') === `Bearer ${token}`;
}
