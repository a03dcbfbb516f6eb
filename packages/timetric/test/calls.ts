import type { Calls } from '../../../tooling/vectors/client-half.ts';
import type { SentRequest } from '../../../tooling/vectors/compare-request.ts';
import { headerOf, mediaType, type Setup, type VectorRequest } from '../../../tooling/vectors/vector.ts';
import { createClient, type RequestToken, type TimetricClient } from '../src/index.ts';
import { signatureBaseString } from '../src/oauth/base-string.ts';
import { hmacSignature } from '../src/oauth/signature.ts';

type KeyPair = { readonly key: string; readonly secret: string };
type Kind = 'consumers' | 'requestTokens' | 'accessTokens' | 'apiTokens';

/** The setup behind each client. */
const setups = new WeakMap<TimetricClient, Setup>();

/** How the requests of Timetric's vectors are asked of its native client. */
export const calls: Calls<TimetricClient> = {
  connect({ url, setup, request, clock }) {
    const client = createClient({ url, ...credentialsOf(request, setup), clock, retry: { maxAttempts: 1 } });
    setups.set(client, setup);
    return client;
  },
  close: (client) => client.close(),
  hasCredentials: (request) => oauthOf(request).size > 0 || basicOf(request) !== undefined,
  meaning,

  operations: [
    ...(['GET', 'POST'] as const).flatMap((method) => [
      {
        method,
        path: '/oauth/request_token',
        call: (client: TimetricClient, { sent }: { readonly sent: VectorRequest }) => {
          const callback = oauthOf(sent).get('oauth_callback');
          return client.getRequestToken(callback === undefined ? { version: '1.0' } : { callback });
        },
        gives: (body: unknown, { sent }: { readonly sent: VectorRequest }) => {
          const callback = oauthOf(sent).get('oauth_callback');
          return { ...tokenIn(body), version: callback === undefined ? '1.0' : '1.0a', callback: callback ?? 'oob' };
        },
      },
      {
        method,
        path: '/oauth/access_token',
        call: (client: TimetricClient, { sent }: { readonly sent: VectorRequest }) =>
          client.getAccessToken(requestTokenOf(sent, setups.get(client)!), oauthOf(sent).get('oauth_verifier')),
        gives: tokenIn,
      },
    ]),
    {
      method: 'POST',
      path: '/create',
      async call(client, { sent }) {
        const { parameters, csv } = saying(toSent(sent));
        const { title = '', caption = '', ...more } = parameters;
        const { id } = await client.createSeries({ title, caption, more, data: csv });
        return { id };
      },
      gives: (_, __, { headers }) => ({ id: headerOf(headers, 'location')!.split('/').at(-2) }),
    },
    {
      method: 'POST',
      path: '/series/{id}',
      call(client, { part, sent }) {
        const series = client.series(part.id!);
        const { parameters, csv } = saying(toSent(sent));
        if (csv !== undefined) return series.update(csv);
        const { increment, value } = parameters;
        return increment === undefined ? series.update(Number(value)) : series.increment(Number(increment));
      },
    },
    { method: 'PUT', path: '/series/{id}', call: (client, { part, sent }) => client.series(part.id!).rewrite(saying(toSent(sent)).csv!) },
    { method: 'DELETE', path: '/series/{id}', call: (client, { part }) => client.series(part.id!).delete() },
    { method: 'GET', path: '/series/{id}/csv', call: (client, { part }) => client.series(part.id!).csv() },
    { method: 'GET', path: '/series/{id}/csv/iso.csv', call: (client, { part }) => client.series(part.id!).csv({ times: 'iso' }) },
    {
      method: 'GET',
      path: '/series/{id}/value/json',
      call: (client, { part }) => client.series(part.id!).latest(),
      gives: (body) => {
        const { timestamp, value } = body as { readonly timestamp: number; readonly value: number };
        return { time: timestamp * 1000, value };
      },
    },
    {
      method: 'GET',
      path: '/search/results.fat.json',
      call: (client, { query }) => client.search({ text: query.get('q')?.[0], user: query.get('u')?.[0] }),
      gives: (body) => {
        const { total, results } = body as { readonly total: number; readonly results: readonly { readonly name: string }[] };
        return { total, series: results.map(({ name, ...rest }) => ({ id: name, ...rest })) };
      },
    },
  ],
  anyOperation: { method: 'GET', path: '/search/results.fat.json', call: (client) => client.search() },

  async sign({ method, url, params, key }) {
    const [, scheme, host, path] = /^(https?):\/\/([^/]+)([^?]*)/.exec(url)!;
    const baseString = signatureBaseString(method, { scheme: scheme as 'http' | 'https', host: host!, path: path! }, params);
    return { baseString, signature: await hmacSignature(baseString, key) };
  },
};

function toSent({ method, target, headers, body }: VectorRequest): SentRequest {
  return { method, target, headers, body: body ?? '' };
}

/**
 * What a request says, whatever carries it: the published client sends parameters twice, or in other places, and data as a file; ours sends each once,
 * and data as the body. Of the credentials, who asks; what is signed, the vectors of signatures tell.
 */
function meaning(request: SentRequest): unknown {
  const { method, target } = request;
  const path = target.split('?')[0]!;
  const oauth = oauthOf(request);
  return {
    // tokens are asked for by either
    method: path.startsWith('/oauth/') ? 'GET or POST' : method,
    path,
    ...saying(request),
    basic: basicOf(request) ?? null,
    oauth: ['oauth_consumer_key', 'oauth_token', 'oauth_callback', 'oauth_verifier'].map((name) => oauth.get(name) ?? null),
  };
}

/** Parameters and data, from whichever carrier. */
function saying({ method, target, headers, body }: SentRequest): { parameters: Record<string, string>; csv?: string } {
  const type = mediaType(headers);
  const query = [...new URLSearchParams(target.split('?')[1] ?? '')];
  const form = type === 'application/x-www-form-urlencoded' ? [...new URLSearchParams(body)] : [];
  const { parts, csv } = type === 'multipart/form-data' ? readMultipart(body) : { parts: [], csv: undefined };
  const parameters = [...query, ...form, ...parts].filter(([name]) => !name.startsWith('oauth_'));
  const data = csv ?? (type === 'text/csv' || method === 'PUT' ? body : undefined);
  return {
    parameters: Object.fromEntries(parameters.map(([name, value]) => [name, plainNumber(value)])),
    ...(data === undefined ? {} : { csv: data }),
  };
}

/** `-2.0` is `-2`. */
function plainNumber(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? String(Number(text)) : text;
}

/** Parts as the published client writes them; its file ends with the line end of the part. */
function readMultipart(body: string): { parts: [string, string][]; csv: string | undefined } {
  const parts: [string, string][] = [];
  let csv: string | undefined;
  for (const part of body.split(/--tHiSiStHeBoUnDaRyStRiNg(?:--)?\r\n/)) {
    const [, name, isFile, text = ''] = /name="(\w+)"(; filename)?.*?\r\n\r\n(.*)\r\n$/s.exec(part) ?? [];
    if (name === undefined) continue;
    if (isFile === undefined) parts.push([name, text]);
    else csv = text;
  }
  return { parts, csv };
}

type Carriers = Pick<SentRequest, 'target' | 'headers'> & { readonly body?: string | null };

/** The parameters of OAuth, from whichever carrier. */
function oauthOf({ target, headers, body }: Carriers): ReadonlyMap<string, string> {
  const header = headerOf(headers, 'authorization') ?? '';
  const inHeader = Array.from(header.matchAll(/(oauth_\w+)="([^"]*)"/g), ([, name, value]) => [name!, decodeURIComponent(value!)] as const);
  const form = mediaType(headers) === 'application/x-www-form-urlencoded' ? (body ?? '') : '';
  const others = [...new URLSearchParams(target.split('?')[1] ?? ''), ...new URLSearchParams(form)];
  return new Map([...inHeader, ...others.filter(([name]) => name.startsWith('oauth_'))]);
}

function basicOf({ headers }: Pick<SentRequest, 'headers'>): string | undefined {
  const encoded = /^Basic (.*)$/.exec(headerOf(headers, 'authorization') ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
}

function secretOf(key: string, kind: Kind, { credentials = {} }: Setup): string {
  return ((credentials[kind] ?? []) as readonly KeyPair[]).find((pair) => pair.key === key)?.secret ?? 'unknown';
}

function credentialsOf(request: VectorRequest, setup: Setup) {
  const [key, secret] = basicOf(request)?.split(':') ?? [];
  if (key !== undefined) return { key, secret };
  const oauth = oauthOf(request);
  const consumerKey = oauth.get('oauth_consumer_key') ?? ((setup.credentials?.consumers ?? []) as readonly KeyPair[])[0]!.key;
  const token = oauth.get('oauth_token') ?? ((setup.credentials?.accessTokens ?? []) as readonly KeyPair[])[0]!.key;
  return {
    consumerKey,
    consumerSecret: secretOf(consumerKey, 'consumers', setup),
    token,
    tokenSecret: secretOf(token, 'accessTokens', setup),
  };
}

function requestTokenOf(request: VectorRequest, setup: Setup): RequestToken {
  const oauth = oauthOf(request);
  const key = oauth.get('oauth_token')!;
  const version = oauth.has('oauth_verifier') ? '1.0a' : '1.0';
  return { key, secret: secretOf(key, 'requestTokens', setup), version, callback: 'oob' };
}

function tokenIn(body: unknown): KeyPair {
  const fields = new URLSearchParams(body as string);
  return { key: fields.get('oauth_token')!, secret: fields.get('oauth_token_secret')! };
}
