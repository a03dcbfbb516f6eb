import { AnySeriesError } from '@anyseries/core';
import { createHttp, type HttpResponse, path, readJson, statusError } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import { authorizedBody, basicAuthorization, bodyHead, sessionIn } from '../auth.ts';
import type { Connection } from '../settings.ts';
import { announcesExtension, texts } from '../wire/answers.ts';
import { type Dashboard, readDashboard } from '../wire/pages.ts';

/** Requests to the service, one after the other; what both the client and the provider stand on. */
export interface Service {
  /** `POST /graphs/api/`. Only what `accept` lists comes back, beside 200. @throws AnySeriesError of the status */
  post(datasets: string, options: PostOptions, context: CallContext): Promise<HttpResponse>;
  /** EXTENSION: reads below `/graphs/api/`; `undefined` where there is no such graph. @throws AnySeriesError `unsupported` for an original server */
  read<T>(resource: string, search: Readonly<Record<string, string>>, schema: ZodMiniType<T>, context: CallContext): Promise<T | undefined>;
  /** Whether the server announces the EXTENSION. */
  hasExtension(context: CallContext): Promise<boolean>;
  /** @throws AnySeriesError `unsupported` where it does not */
  requireExtension(context: CallContext): Promise<void>;
  /** A page that everybody may look at; 404 is an answer. */
  page(path: string, search: Readonly<Record<string, string>>, context: CallContext): Promise<HttpResponse>;
  /** A request in a session, which is opened first where there is none. Answers 200 and redirects. */
  visit(request: Visit, context: CallContext): Promise<HttpResponse>;
  /** @throws AnySeriesError `protocol` where the page is none */
  dashboard(context: CallContext): Promise<Dashboard>;
  /** Opens a session with name and password. @throws AnySeriesError `unauthenticated` */
  logIn(context: CallContext): Promise<void>;
  /** Creates an account of this name and password, and opens a session of it. @throws AnySeriesError `conflict` where the name is taken */
  signUp(context: CallContext): Promise<void>;
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

  /** Sends a form without a session; it is answered by a redirect. */
  async function submit(target: string, form: Readonly<Record<string, string>>, idempotent: boolean, context: CallContext) {
    const body = new URLSearchParams(form).toString();
    const request = { method: 'POST', path: target, purpose: 'manage', headers: formType, body, accept: [303], idempotent } as const;
    const answer = await http.request(request, context);
    if (answer.status !== 303)
      throw new AnySeriesError('protocol', `status ${answer.status}: a form is answered by a redirect; check the setting 'url'`);
    const location = answer.headers.get('location') ?? '';
    return { session: location.endsWith(paths.dashboard) ? sessionIn(answer.headers) : undefined, reason: /\?e=(\d)$/.exec(location)?.[1] };
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
    /** Asked by `OPTIONS`, because a `GET` would end the process of an original server. */
    async hasExtension(context) {
      if (isExtended) return true;
      const request = { method: 'OPTIONS', path: paths.api, purpose: 'read', idempotent: true, accept: [404, 405] } as const;
      const answer = await http.request(request, context);
      isExtended = announcesExtension(answer.headers.get('microlog-extensions'));
      return isExtended;
    },
    async requireExtension(context) {
      if (await service.hasExtension(context)) return;
      const advice = "connect with server: 'original'";
      throw new AnySeriesError(
        'unsupported',
        `url: this server announces no Microlog-Extensions, without which it cannot be read; ${advice}`,
      );
    },
    async page(target, search, context) {
      return http.request({ path: target, purpose: 'read', search, accept: [404] }, context);
    },
    async visit(visit, context) {
      if (service.session !== undefined) {
        const answer = await visitOnce(visit, service.session, context);
        if (!isSentToLogIn(answer)) return answer;
      }
      await service.logIn(context);
      const answer = await visitOnce(visit, service.session!, context);
      if (!isSentToLogIn(answer)) return answer;
      throw new AnySeriesError('unauthenticated', 'the service does not keep the session that it has opened');
    },
    async dashboard(context) {
      const found = readDashboard(await (await service.visit({ path: paths.dashboard }, context)).text());
      if (found !== undefined) return found;
      throw new AnySeriesError('protocol', "the page is no dashboard; check the setting 'url'");
    },
    async logIn(context) {
      const { session, reason } = await submit(paths.login, { ...connection.login() }, true, context);
      if (session === undefined && reason === '2') throw new AnySeriesError('unavailable', 'the service could not log in: internal error');
      if (session === undefined) throw refusal('the service refuses to log in', 'username', 'password');
      service.session = session;
    },
    async signUp(context) {
      const { username, password } = connection.login();
      const { session, reason } = await submit(paths.create, { username, password, password_repeat: password }, false, context);
      if (session === undefined && reason === '5') throw new AnySeriesError('conflict', 'the user name is taken');
      if (session === undefined) throw new AnySeriesError('forbidden', 'the service creates no such account');
      service.session = session;
    },
  };
  return service;
}

function isSentToLogIn({ status, headers }: HttpResponse): boolean {
  return status === 303 && /\/auth\/login\?e=3$/.test(headers.get('location') ?? '');
}

function explain(error: unknown): never {
  const { code, message } = error as AnySeriesError;
  throw code === 'unauthenticated' ? refusal(message, 'username', 'token') : error;
}

const variables = { username: 'MICROLOG_USERNAME', token: 'MICROLOG_API_TOKEN', password: 'MICROLOG_PASSWORD' } as const;

function refusal(message: string, ...settings: readonly (keyof typeof variables)[]): AnySeriesError {
  const [names, others] = [settings.map((setting) => `'${setting}'`), settings.map((setting) => variables[setting])];
  return new AnySeriesError('unauthenticated', `${message}; check the settings ${names.join(' and ')}, or ${others.join(' and ')}`);
}
