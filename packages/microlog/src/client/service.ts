import { AnySeriesError } from '@anyseries/core';
import { createHttp, type HttpResponse, path, readJson, statusError } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import { authorizedBody, basicAuthorization, bodyHead, sessionIn } from '../auth.ts';
import type { Connection } from '../settings.ts';
import { announcesExtension, texts } from '../wire/answers.ts';

/** Requests to the service, one after the other; what both the client and the provider stand on. */
export interface Service {
  /** `POST /graphs/api/`. Only what `accept` lists comes back, beside 200. @throws AnySeriesError of the status */
  post(datasets: string, options: PostOptions, context: CallContext): Promise<HttpResponse>;
  /** EXTENSION: reads below `/graphs/api/`; `undefined` where there is no such graph. @throws AnySeriesError `unsupported` for an original server */
  read<T>(resource: string, search: Readonly<Record<string, string>>, schema: ZodMiniType<T>, context: CallContext): Promise<T | undefined>;
  /** @throws AnySeriesError `unsupported` where the server announces no EXTENSION */
  requireExtension(context: CallContext): Promise<void>;
  /** A page that everybody may look at; 404 is an answer. */
  page(path: string, search: Readonly<Record<string, string>>, context: CallContext): Promise<HttpResponse>;
  /** A request in a session, which is opened first where there is none. Answers 200 and redirects. */
  visit(request: Visit, context: CallContext): Promise<HttpResponse>;
  /** Sends a form without a session. Answers redirects. */
  submit(path: string, form: Readonly<Record<string, string>>, context: CallContext): Promise<HttpResponse>;
  /** The session that is open. */
  session: string | undefined;
}

export interface PostOptions {
  readonly idempotencyKey?: string;
  readonly accept?: readonly number[];
  /** Whether it may be sent again after a doubtful failure. */
  readonly idempotent: boolean;
}

export interface Visit {
  readonly path: string;
  /** Makes it a POST. */
  readonly form?: Readonly<Record<string, string>>;
}

export const paths = {
  api: '/graphs/api/',
  points: (graph: string) => path`/graphs/api/${graph}/points`,
  sums: (graph: string) => path`/graphs/api/${graph}/sums`,
  graph: (graph: string) => path`/graphs/${graph}`,
  form: '/graphs/',
  dashboard: '/dashboard',
  newGraph: '/dashboard/new',
  login: '/auth/login',
  logout: '/auth/logout',
  create: '/auth/create',
} as const;

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

export function createService(connection: Connection): Service {
  const { origin, prefix, headers, fetch, timeoutMs, provider } = connection;
  const { retry, random } = provider;
  const http = createHttp({ url: origin + prefix, headers, fetch, timeoutMs, retry, random });
  let isExtended = false;

  /** Asked by `OPTIONS`, because a `GET` would end the process of an original server. */
  async function probe(context: CallContext): Promise<void> {
    const request = { method: 'OPTIONS', path: paths.api, purpose: 'read', idempotent: true, accept: [404, 405] } as const;
    const answer = await http.request(request, context);
    if (announcesExtension(answer.headers.get('microlog-extensions'))) return;
    throw new AnySeriesError(
      'unsupported',
      "url: this server announces no Microlog-Extensions, without which it cannot be read; connect with server: 'original'",
    );
  }

  async function logIn(context: CallContext): Promise<string> {
    const answer = await service.submit(paths.login, { ...connection.login() }, context);
    const location = answer.headers.get('location') ?? '';
    const session = sessionIn(answer.headers);
    if (location.endsWith(paths.dashboard) && session !== undefined) return session;
    if (location.endsWith('?e=2')) throw new AnySeriesError('unavailable', 'the service could not log in: internal error');
    const advice = "check the settings 'username' and 'password', or MICROLOG_USERNAME and MICROLOG_PASSWORD";
    throw new AnySeriesError('unauthenticated', `the service refuses to log in; ${advice}`);
  }

  async function visitOnce({ path: target, form }: Visit, session: string, context: CallContext): Promise<HttpResponse> {
    const own = { cookie: `token=${session}`, accept: 'text/html' };
    const request =
      form === undefined
        ? { path: target, headers: own }
        : { path: target, method: 'POST', headers: { ...own, ...formType }, body: new URLSearchParams(form).toString() };
    return http.request({ ...request, purpose: 'manage', accept: [303] }, context);
  }

  const service: Service = {
    session: undefined,
    async post(datasets, { idempotencyKey, accept = [], idempotent }, context) {
      const request = {
        method: 'POST',
        path: paths.api,
        purpose: 'write',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: authorizedBody(bodyHead(connection.credentials()), datasets),
        idempotent,
        accept,
      } as const;
      return http.request(request, context).catch(explain);
    },
    async read(resource, search, schema, context) {
      await service.requireExtension(context);
      const authorized = { authorization: basicAuthorization(connection.credentials()) };
      const answer = await http
        .request({ path: resource, purpose: 'read', search, headers: authorized, accept: [404] }, context)
        .catch(explain);
      if (answer.status !== 404) return readJson(answer, schema);
      const text = await answer.text();
      if (text === texts.graphNotFound) return undefined;
      throw statusError(404, text);
    },
    async requireExtension(context) {
      if (!isExtended) await probe(context);
      isExtended = true;
    },
    async page(target, search, context) {
      return http.request({ path: target, purpose: 'read', search, accept: [404] }, context);
    },
    async visit(visit, context) {
      const known = service.session;
      if (known !== undefined) {
        const answer = await visitOnce(visit, known, context);
        if (!isSentToLogIn(answer)) return answer;
      }
      service.session = await logIn(context);
      const answer = await visitOnce(visit, service.session, context);
      if (!isSentToLogIn(answer)) return answer;
      throw new AnySeriesError('unauthenticated', 'the service does not keep the session that it has opened');
    },
    async submit(target, form, context) {
      const request = { method: 'POST', path: target, purpose: 'manage', headers: formType, accept: [303], idempotent: true } as const;
      const answer = await http.request({ ...request, body: new URLSearchParams(form).toString() }, context);
      if (answer.status === 303) return answer;
      throw new AnySeriesError('protocol', `status ${answer.status}: a form is answered by a redirect; check the setting 'url'`);
    },
  };
  return service;
}

function isSentToLogIn({ status, headers }: HttpResponse): boolean {
  return status === 303 && /\/auth\/login\?e=3$/.test(headers.get('location') ?? '');
}

function explain(error: unknown): never {
  const { code, message } = error as AnySeriesError;
  if (code !== 'unauthenticated') throw error;
  const advice = "check the settings 'username' and 'token', or MICROLOG_USERNAME and MICROLOG_API_TOKEN";
  throw new AnySeriesError(code, `${message}; ${advice}`);
}
