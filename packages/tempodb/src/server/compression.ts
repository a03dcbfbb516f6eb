/** Clients that take every compressed answer for a failure: the last one for Node looks for the status where there is none any more. */
const takesNoGzip = /^tempodb-nodejs\/1\.0\.0\b/;

/** Keeps the gateway from compressing an answer that its client could not read, whatever it says that it accepts. */
export function readable(request: Request, response: Response): Response {
  if (takesNoGzip.test(request.headers.get('user-agent') ?? '')) response.headers.set('content-encoding', 'identity');
  return response;
}
