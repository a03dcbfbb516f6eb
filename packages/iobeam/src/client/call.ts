import { type Clock, systemClock } from '@anyseries/core';
import { type HttpResponse, readJson } from '@anyseries/core/http';
import { type CallContext, checkCallOptions, createRuntime } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import { createExchange, type Exchange, type ServiceRequest } from '../exchange.ts';
import type { CheckedClientSettings, Connection, LogIn, TokenUse } from '../settings.ts';
import { tokenAnswer } from '../wire/answers.ts';
import { encodeJson, type WireJson } from '../wire/json.ts';
import { createUserTokens, type UserTokens } from './user-token.ts';

/** Who a request is made as: the project, by a token for a use; the user; or nobody. */
export type Caller = TokenUse | 'user' | 'nobody';

export type Request = Omit<ServiceRequest, 'json' | 'body'> & { readonly json?: unknown; readonly bytes?: Uint8Array<ArrayBuffer> };

/** The service as the calls of one client see it. */
export interface Session {
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly users: UserTokens;
  readonly clock: Clock;
  send(caller: Caller, request: Request, context: CallContext): Promise<HttpResponse>;
  /** The same, and reads the answer. */
  ask<T>(caller: Caller, request: Request, schema: ZodMiniType<T>, context: CallContext): Promise<T>;
  logIn(given: LogIn, context: CallContext): Promise<ReturnType<typeof tokenAnswer.parse>>;
}

/** Runs one call of the client, bound by the signal and the deadline of its options; the environment is read at the first. */
export type Call = <T>(
  options: unknown,
  work: (session: Session, context: CallContext) => Promise<T>,
  more?: readonly string[],
) => Promise<T>;

export function createCall(settings: CheckedClientSettings): { call: Call; clock: Clock; close: () => Promise<void> } {
  const clock = settings.provider.clock ?? systemClock;
  const runtime = createRuntime('iobeam', () => ({}), settings.provider);
  let session: Session | undefined;
  return {
    clock,
    close: runtime.close,
    async call(options, work, more) {
      return runtime.call(checkCallOptions(options, more), (_, context) => {
        session ??= createSession(settings, clock);
        return work(session, context);
      });
    },
  };
}

function createSession(settings: CheckedClientSettings, clock: Clock): Session {
  const connection = settings.connection();
  const exchange = createExchange(connection, clock);
  const users = createUserTokens(settings, async (given) => (await logIn(given, { clock, signal: new AbortController().signal })).token);

  async function logIn({ name, password }: LogIn, context: CallContext) {
    const authorization = `Basic ${encodeBasic(`${name}:${password}`)}`;
    return readJson(await exchange.request({ path: '/v1/tokens/user' }, { authorization }, context), tokenAnswer);
  }

  async function sendAsUser(request: ServiceRequest, context: CallContext): Promise<HttpResponse> {
    const token = await users.current();
    return exchange.request(request, { authorization: `Bearer ${token}`, renew: async () => asBearer(await users.renew(token)) }, context);
  }

  async function send(caller: Caller, { json, bytes, ...request }: Request, context: CallContext): Promise<HttpResponse> {
    const sent = { ...request, ...bodyOf(json, bytes) };
    if (caller === 'user') return sendAsUser(sent, context);
    return exchange.request(sent, caller === 'nobody' ? 'none' : caller, context);
  }

  return {
    connection,
    exchange,
    users,
    clock,
    send,
    logIn,
    ask: async (caller, request, schema, context) => readJson(await send(caller, request, context), schema),
  };
}

function asBearer(token: string | undefined): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}

function bodyOf(json: unknown, bytes: Uint8Array<ArrayBuffer> | undefined): Pick<ServiceRequest, 'body' | 'headers'> {
  if (bytes !== undefined) return { body: bytes, headers: { 'content-type': 'application/octet-stream' } };
  return json === undefined ? {} : { body: encodeJson(json as WireJson), headers: { 'content-type': 'application/json' } };
}

function encodeBasic(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
