import { type Clock, systemClock } from '@anyseries/core';
import { contentOf, type Message, writeRequest } from './message.ts';
import { createRawClient } from './raw-client.ts';
import type { OpenedServer } from './server-half.ts';
import type { Setup, SignatureVector, VectorRequest } from './vector.ts';

/**
 * Sends a signed request to a server that has its credentials, and what is wrong with it, for people: with the right signature it must get past the
 * credentials, wherever it leads; with another one it must not, and the answer shows what should have been signed.
 */
export async function checkSignature(
  vector: SignatureVector,
  open: (setup: Setup, clock: Clock) => Promise<OpenedServer>,
): Promise<string> {
  const timestamp = vector.params.find(([name]) => name === 'oauth_timestamp')![1];
  const clock = { now: () => Number(timestamp) * 1000, setTimer: systemClock.setTimer };
  const server = await open({ text: '', state: 'fresh', bodyMatch: 'full' }, clock);
  const url = vector.url.startsWith('https:') ? server.tlsUrl : server.url;
  if (url === undefined) return 'it goes over TLS, which this server does not speak';
  const client = createRawClient(url);
  const send = async (signature: string) => client.exchange(writeRequest(requestOf(vector, signature)));
  try {
    const refused = await send('AAAAAAAAAAAAAAAAAAAAAAAAAAA=');
    if (statusOf(refused) !== 401 || !contentOf(refused).includes(vector.baseString))
      return `a wrong signature is answered by ${refused.startLine}: ${contentOf(refused)}`;
    const accepted = await send(vector.signature);
    return statusOf(accepted) === 401 ? `the right signature is answered by ${accepted.startLine}: ${contentOf(accepted)}` : '';
  } finally {
    client.close();
    await server.close();
  }
}

function requestOf({ method, url, params }: SignatureVector, signature: string): VectorRequest {
  const [, host = '', target = ''] = /^https?:\/\/([^/]+)(.*)$/.exec(url)!;
  const inQuery = new URLSearchParams(target.split('?')[1] ?? '');
  const oauth = [...params.filter(([name]) => name.startsWith('oauth_')), ['oauth_signature', signature] as const];
  const form = params.filter(([name]) => !name.startsWith('oauth_') && !inQuery.has(name));
  const header = oauth.map(([name, value]) => `${name}="${encodeURIComponent(value)}"`).join(', ');
  const headers: [string, string][] = [
    ['Host', host],
    ['Authorization', `OAuth realm="", ${header}`],
  ];
  if (form.length > 0) headers.push(['Content-Type', 'application/x-www-form-urlencoded']);
  const body = form.length > 0 ? new URLSearchParams(form.map(([name, value]) => [name, value])).toString() : null;
  return { method, target, version: 'HTTP/1.1', headers, body };
}

function statusOf({ startLine }: Message): number {
  return Number(startLine.split(' ')[1]);
}
