import { createHmac } from 'node:crypto';
import type { Store } from '@anyseries/core';
import { type Connection, createCredentials, createVault, hashPassword, randomHex, type Vault } from '@anyseries/core/server';
import { connect as connectMemory } from '@anyseries/memory';
import OAuth from 'oauth-1.0a';
import { createServer, protocol } from '../src/server.ts';

/** Users, an application that alice has given access, and her API token. */
export const alice = { user: 'alice', password: 'correct horse battery staple', key: 'kP8dHw3TmZ6qXv2R', secret: 'nY7cJs4GbE9uKf5A' };
export const bob = { user: 'bob', password: 'another password', key: 'bobskey2kP8dHw3T', secret: 'bobssecret7cJs4G' };
export const consumer = { key: 'hT7kPq2ZwXc9RmNd', secret: 'vB4sYgK8jU3eFz6C' };
export const token = { key: 'aD6wN3pXcT8hMq2Y', secret: 'eK5jSg9ZvB7rFx4U' };

export type KeyPair = { readonly key: string; readonly secret: string };

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | URLSearchParams;
  /** Over TLS. */
  readonly secure?: boolean;
  /** Default: this machine. */
  readonly from?: string;
  readonly host?: string;
  readonly prefix?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface SignOptions {
  readonly consumer?: KeyPair;
  /** `undefined` leaves it out. */
  readonly token?: KeyPair | undefined;
  /** The parameters of a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Further parameters of OAuth, or others in place of what is made. */
  readonly more?: Readonly<Record<string, string>>;
}

export interface ServiceOptions {
  readonly settings?: Record<string, unknown>;
  readonly store?: Store;
  readonly vault?: Vault;
  /** Whether the credentials are in the store already. */
  readonly isUsed?: boolean;
  /** Whether the users can log in. */
  readonly hasPasswords?: boolean;
}

/** 2009-06-11T11:50:53Z */
export const start = 1_244_721_053_000;

const hashes = new Map<string, Promise<string>>();

/** Once per password: it takes its time on purpose. */
function hashOf(password: string): Promise<string> {
  const hash = hashes.get(password) ?? hashPassword(password);
  hashes.set(password, hash);
  return hash;
}

/** A protocol server, asked as by a network. Signatures are made by another library, so that a mistake of ours shows. */
export async function startService({
  settings,
  vault = createVault(randomHex(32)),
  isUsed = false,
  hasPasswords = false,
  ...given
}: ServiceOptions = {}) {
  const clock = { time: start, now: () => clock.time, setTimer: () => () => {} };
  const store = given.store ?? connectMemory({ clock });
  const credentials = createCredentials(store, clock);
  if (!isUsed) {
    for (const { password, ...fields } of [alice, bob]) {
      const hash = hasPasswords ? { password: await hashOf(password) } : {};
      await credentials.add({ protocol: 'timetric', id: fields.user, project: 'default', data: { kind: 'user', ...hash } });
      await protocol.credentials.add(fields, 'default', credentials, vault);
    }
    const application = { user: alice.user, consumerKey: consumer.key, consumerSecret: consumer.secret };
    await protocol.credentials.add({ ...application, token: token.key, tokenSecret: token.secret }, 'default', credentials, vault);
  }
  const failures: unknown[] = [];
  const server = createServer({ store, credentials, vault, clock, settings, onFailure: (error) => failures.push(error) });

  async function ask(method: string, target: string, options: Ask = {}): Promise<Answer> {
    const { headers = {}, body, secure = false, from = '127.0.0.1', host = 'timetric.com', prefix = '' } = options;
    const request = new Request(`${secure ? 'https' : 'http'}://${host}${prefix}${target}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const connection: Connection = { target: prefix + target, prefix, httpVersion: '1.1', secure, remoteAddress: from };
    const response = await server.fetch(request, connection);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  let nonces = Math.floor(Math.random() * 1e9);

  /** The parameters of OAuth for a request. */
  function sign(method: string, url: string, options: SignOptions = {}): Record<string, string> {
    const { consumer: signer = consumer, form = {}, more = {} } = options;
    const access = 'token' in options ? options.token : token;
    const oauth = new OAuth({
      consumer: signer,
      signature_method: 'HMAC-SHA1',
      hash_function: (text, key) => createHmac('sha1', key).update(text).digest('base64'),
    });
    oauth.getNonce = () => more.oauth_nonce ?? String(nonces++);
    oauth.getTimeStamp = () => Number(more.oauth_timestamp ?? Math.floor(clock.time / 1000));
    const data = { ...form, ...Object.fromEntries(Object.entries(more).filter(([name]) => !/nonce|timestamp|signature/.test(name))) };
    const signed = oauth.authorize({ url, method, data }, access) as unknown as Record<string, string | number>;
    const own = Object.entries({ ...signed, ...more }).filter(([name]) => name.startsWith('oauth_'));
    return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
  }

  function headerOf(parameters: Readonly<Record<string, string>>): string {
    return `OAuth realm="", ${Object.entries(parameters)
      .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
      .join(', ')}`;
  }

  /** Asks with a signature in the header. */
  async function askSigned(method: string, target: string, { form, ...options }: Ask & SignOptions = {}): Promise<Answer> {
    const { secure = false, host = 'timetric.com' } = options;
    const url = `${secure ? 'https' : 'http'}://${host}${options.prefix ?? ''}${target}`;
    const authorization = headerOf(sign(method, url, { ...options, ...(form === undefined ? {} : { form }) }));
    const body = form === undefined ? options.body : new URLSearchParams(form);
    return ask(method, target, { ...options, headers: { ...options.headers, authorization }, ...(body === undefined ? {} : { body }) });
  }

  return {
    store,
    server,
    clock,
    failures,
    vault,
    credentials,
    ask,
    sign,
    headerOf,
    askSigned,
    /** Asks with alice's API token, or another's. */
    askBasic: (method: string, target: string, { as = alice, ...options }: Ask & { as?: KeyPair } = {}) =>
      ask(method, target, { ...options, headers: { authorization: basic(as), ...options.headers } }),
    close: () => store.close(),
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;

export function basic({ key, secret }: KeyPair): string {
  return `Basic ${btoa(`${key}:${secret}`)}`;
}

/** Makes a series and answers its id. */
export async function makeSeries(
  { askBasic }: Service,
  csv?: string,
  parameters = 'title=pump&caption=the+pump',
  as: KeyPair = alice,
): Promise<string> {
  const headers = { 'content-type': 'text/csv' };
  const answer = await askBasic('POST', `/create/?${parameters}`, { as, ...(csv === undefined ? {} : { headers, body: csv }) });
  if (answer.status !== 302) throw new Error(`${answer.status} ${answer.text}`);
  return answer.headers.get('location')!.split('/').at(-2)!;
}
