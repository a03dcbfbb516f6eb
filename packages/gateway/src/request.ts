import type { IncomingMessage } from 'node:http';

export function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  return headers;
}

/** The request as a protocol server gets it. */
export function toRequest({ method }: IncomingMessage, headers: Headers, url: string, body: Uint8Array): Request {
  // a `Request` has no body with these; whatever came with them is read and forgotten
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.byteLength > 0;
  return new Request(url, { method: method!, headers, ...(hasBody ? { body: body as Uint8Array<ArrayBuffer> } : {}) });
}

/** Path and query of a request line, which names the host as well when it is meant for a proxy. */
export function originForm(target: string): string {
  if (target[0] === '/') return target;
  const match = /^https?:\/\/[^/?#]*(.*)$/i.exec(target);
  if (match === null) return target;
  return match[1]![0] === '/' ? match[1]! : `/${match[1]}`;
}

const hostForm = /^(?:[\w.~!$&'()*+;=%-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/** The host that the client names; `localhost` where it need not name one. Nothing if that is no host. */
export function hostOf(headers: Headers, httpVersion: string): string | undefined {
  const host = headers.get('host');
  if (host === null) return httpVersion === '1.1' ? undefined : 'localhost';
  if (host === '') return 'localhost';
  return hostForm.test(host) ? host : undefined;
}
