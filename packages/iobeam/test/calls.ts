import type { Calls, DecodedRequest } from '../../../tooling/vectors/client-half.ts';
import type { VectorRequest, VectorResponse } from '../../../tooling/vectors/vector.ts';
import {
  type App,
  createClient,
  type DataQuery,
  type ExportQuery,
  type IobeamClient,
  type Namespace,
  type NewUser,
  type Operator,
  type TimeFormat,
  type TimeUnit,
  type Trigger,
} from '../src/index.ts';
import { parseDate } from '../src/wire/time.ts';

/** Addresses that nobody has to show a token for, besides that of the log-in. */
const openPaths = /^\/v1\/(?:ping|users(?:\/email|\/password)?|tokens\/project)(?:\?|$)/;

/** How the requests of iobeam's vectors are asked of its native client. */
export const calls: Calls<IobeamClient> = {
  trailingSlashIsOptional: true,
  emptyParametersAreAbsent: true,
  // the smallest devices name one where there is no body
  freeHeaders: ['content-type'],
  normalizeParameter,
  connect: ({ url, request, clock }) => {
    const token = bearerOf(request) ?? 'a-token';
    const client = createClient({ url, projectId: 7, token, userToken: token, clock, retry: { maxAttempts: 1 } });
    logIns.set(client, basicOf(request) ?? ['somebody', 'a password']);
    return client;
  },
  close: (client) => client.close(),
  hasCredentials: (request) => {
    const isOpen = openPaths.test(request.target) && (request.method === 'POST' || !request.target.startsWith('/v1/tokens'));
    // an expired token is refreshed before it is sent
    return isOpen || (authorizationOf(request) !== undefined && bearerOf(request) !== expiredToken);
  },
  errorTexts: (body) => {
    const { errors } = JSON.parse(body) as { errors: { code: number; message: string; details?: string }[] };
    return errors.flatMap(({ code, message, details = '' }) => [`error ${code}`, message, details]);
  },

  operations: [
    {
      method: 'GET',
      path: '/v1/devices/timestamp',
      call: (client, request) => client.serverTime({ format: formatOf(request) }),
      gives: (body) => {
        const { server_timestamp: time } = body as { server_timestamp: number | { sec: number; usec: number } };
        return typeof time === 'number' ? time : time.sec * 1000 + time.usec / 1000;
      },
    },
    {
      method: 'POST',
      path: '/v1/devices',
      call: (client, { body }) => client.createDevice(camelCased(withoutProject(body))),
      gives: resource,
    },
    {
      method: 'GET',
      path: '/v1/devices',
      call: (client, request) => {
        const name = one(request, 'name');
        return name === undefined ? client.listDevices() : client.findDevice(name);
      },
      gives: (body) => listOf(body, 'devices'),
    },
    { method: 'GET', path: '/v1/devices/{id}', call: (client, { part }) => client.getDevice(part.id!), gives: resource },
    {
      method: 'PATCH',
      path: '/v1/devices/{id}',
      call: (client, { part, body }) => client.updateDevice(part.id!, { deviceName: (body as { device_name: string }).device_name }),
      gives: resource,
    },
    { method: 'DELETE', path: '/v1/devices/{id}', call: (client, { part }) => client.deleteDevice(part.id!) },

    // malformed JSON has no body
    { method: 'POST', path: '/v1/imports', call: (client, { body = { sources: [] } }) => importOf(client, body as never) },
    ...['', '/{device}', '/{device}/{series}'].map((rest) => ({
      method: 'GET',
      path: `/v1/exports/{project}${rest}`,
      call: (client: IobeamClient, request: DecodedRequest) => {
        const query = exportQueryOf(request);
        return one(request, 'output') === 'csv' ? client.queryCsv(query) : client.query(query);
      },
      gives: seriesData,
    })),
    ...['', '/{field}'].map((rest) => ({
      method: 'GET',
      path: `/v1/data/{namespace}${rest}`,
      call: (client: IobeamClient, request: DecodedRequest) => {
        const query = dataQueryOf(request);
        const { namespace = '' } = request.part;
        return one(request, 'output') === 'csv' ? client.queryDataCsv(namespace, query) : client.queryData(namespace, query);
      },
      gives: dataTable,
    })),
    { method: 'GET', path: '/v1/namespaces', call: (client) => client.listNamespaces(), gives: (body) => listOf(body, 'namespaces') },
    {
      method: 'POST',
      path: '/v1/namespaces',
      call: (client, { body }) => client.createNamespace(camelCased(withoutProject(body))),
      gives: resource,
    },
    {
      method: 'PUT',
      path: '/v1/namespaces/{id}',
      call: (client, { body }) => client.replaceNamespace(resource(withoutProject(body)) as Namespace),
    },

    {
      method: 'GET',
      path: '/v1/tokens/user',
      // in V41 the credentials are in the query, where this client never puts them
      call: (client) => client.logIn(...logIns.get(client)!),
      gives: issuedToken,
    },
    {
      method: 'GET',
      path: '/v1/tokens/project',
      call: (client, request) => {
        const flag = (name: string) => (one(request, name) === undefined ? undefined : /^true$/i.test(one(request, name)!));
        const options = {
          projectId: Number(one(request, 'project_id')),
          read: flag('read'),
          write: flag('write'),
          admin: flag('admin'),
          includeUser: flag('include_user'),
          refreshable: flag('refreshable'),
          duration: one(request, 'duration'),
        };
        const device = one(request, 'device_id');
        return device === undefined ? client.fetchToken(options) : client.fetchDeviceToken(device, options);
      },
      gives: issuedToken,
    },
    {
      method: 'POST',
      path: '/v1/tokens/project',
      call: (client, { body }) => client.refreshToken((body as { refresh_token: string }).refresh_token),
      gives: issuedToken,
    },

    {
      method: 'POST',
      path: '/v1/projects',
      call: (client, { body }) => client.createProject((body as { project_name: string }).project_name),
      gives: resource,
    },
    {
      method: 'GET',
      path: '/v1/projects',
      call: (client, request) => {
        const name = one(request, 'name');
        return name === undefined ? client.listProjects() : client.getProject(name);
      },
      gives: (body) => listOf(body, 'projects'),
    },
    {
      method: 'PATCH',
      path: '/v1/projects/{id}',
      call: (client, { part, body }) => client.renameProject(Number(part.id), (body as { project_name: string }).project_name),
      gives: resource,
    },
    {
      method: 'GET',
      path: '/v1/projects/{id}/permissions',
      call: (client, { part }) => client.getPermissions(Number(part.id)),
      gives: (body) => (resource(body) as { permissions: unknown }).permissions,
    },
    {
      method: 'PATCH',
      path: '/v1/projects/{id}/permissions',
      call: (client, { part, body }) => {
        const { user_id, ...permissions } = body as { user_id: number; read: boolean; write: boolean; admin: boolean };
        return client.setPermissions(Number(part.id), user_id, permissions);
      },
      gives: () => 'added',
    },

    {
      method: 'POST',
      path: '/v1/users',
      call: (client, { body }) => client.createUser(camelCased(body) as unknown as NewUser),
      gives: resource,
    },
    { method: 'GET', path: '/v1/users/me', call: (client) => client.getUser(), gives: resource },
    {
      method: 'PATCH',
      path: '/v1/users/me',
      call: (client, request) => {
        const old = one(request, 'old_password');
        const { password, ...changes } = camelCased(request.body) as { password?: string };
        return old === undefined ? client.updateUser(changes) : client.changePassword(old, password!);
      },
      gives: resource,
    },
    {
      method: 'GET',
      path: '/v1/users',
      call: (client, request) => client.searchUsers(one(request, 'search')!),
      gives: (body) => listOf(body, 'users'),
    },
    { method: 'GET', path: '/v1/users/password', call: (client, request) => client.requestPasswordReset(one(request, 'reset')!) },
    {
      method: 'POST',
      path: '/v1/users/password',
      call: (client, { body }) => {
        const { reset_key, password } = body as { reset_key: string; password: string };
        return client.resetPassword(reset_key, password);
      },
    },
    {
      method: 'POST',
      path: '/v1/users/email',
      call: (client, { body }) => client.verifyEmail((body as { verification_key: string }).verification_key),
    },

    { method: 'POST', path: '/v1/triggers', call: (client, { body }) => client.createTrigger(triggerOf(body)), gives: resource },
    {
      method: 'GET',
      path: '/v1/triggers',
      call: (client, request) => {
        const name = one(request, 'name');
        return name === undefined ? client.listTriggers() : client.getTrigger(name);
      },
      gives: (body) => listOf(body, 'triggers'),
    },
    { method: 'PUT', path: '/v1/triggers/{id}', call: (client, { body }) => client.replaceTrigger(triggerOf(body)), gives: resource },
    { method: 'DELETE', path: '/v1/triggers/{id}', call: (client, { part }) => client.deleteTrigger(Number(part.id)) },
    {
      method: 'PUT',
      path: '/v1/files/{name}',
      call: (client, { part }) => client.uploadFile(part.name!, new TextEncoder().encode('abc')),
      gives: resource,
    },
    { method: 'GET', path: '/v1/files', call: (client) => client.listFiles(), gives: (body) => listOf(body, 'files') },
    { method: 'DELETE', path: '/v1/files/{name}', call: (client, { part }) => client.deleteFile(part.name!) },
    { method: 'POST', path: '/v1/apps', call: (client, { body }) => client.createApp(camelCased(withoutProject(body))), gives: resource },
    { method: 'GET', path: '/v1/apps', call: (client) => client.listApps(), gives: (body) => listOf(body, 'apps') },
    { method: 'PUT', path: '/v1/apps/{id}', call: (client, { body }) => client.replaceApp(resource(body) as App), gives: resource },
    { method: 'DELETE', path: '/v1/apps/{id}', call: (client, { part }) => client.deleteApp(Number(part.id)) },
    { method: 'GET', path: '/v1/ping', call: (client) => client.ping(), gives: () => undefined },
  ],
  anyOperation: { method: 'GET', path: '/v1/devices', call: (client) => client.listDevices() },

  // a 401 has the client ask for another token, and one that has expired asks before
  answerFurther: ({ startLine }) => (startLine.startsWith('POST /v1/tokens/project ') ? notRefreshed : expired),
};

const expiredToken =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6MTB9.eyJ1aWQiOjAsInBpZCI6NywiZXhwIjoxNDQwNjAwMDAwLCJwbXMiOjN9.DYQyrcfng6zcnin3p5uxehC41cy9XTCvEGSqYHtjkF4';
const notRefreshed = faultAnswer(403, 'Forbidden', 13, 'Token cannot be refreshed');
const expired = faultAnswer(401, 'Unauthorized', 12, 'Token has expired');

function faultAnswer(status: number, reason: string, code: number, message: string): VectorResponse {
  return { status, reason, headers: [['Content-Type', 'application/json']], body: JSON.stringify({ errors: [{ code, message }] }) };
}

/** Name and password of the log-in that a client is made for. */
const logIns = new WeakMap<IobeamClient, readonly [name: string, password: string]>();

function basicOf(request: VectorRequest): readonly [string, string] | undefined {
  const encoded = /^Basic (.*)$/.exec(authorizationOf(request) ?? '')?.[1];
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  return name === undefined ? undefined : [name, password!];
}

function authorizationOf({ headers }: VectorRequest): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
}

function bearerOf(request: VectorRequest): string | undefined {
  return /^Bearer (.*)$/.exec(authorizationOf(request) ?? '')?.[1];
}

/** What is said by default may be left out, and names of formats and booleans come in any case of their letters. */
function normalizeParameter(name: string, value: string): string | undefined {
  if (name === 'timefmt') return value.toLowerCase() === 'msec' ? undefined : value.toLowerCase();
  if (name === 'output' && value === 'json') return undefined;
  return /^(true|false)$/i.test(value) ? value.toLowerCase() : value;
}

function one({ query }: DecodedRequest, name: string): string | undefined {
  return query.get(name)?.at(-1);
}

function numberOf(request: DecodedRequest, name: string): number | undefined {
  const text = one(request, name);
  return text === undefined ? undefined : Number(text);
}

function formatOf(request: DecodedRequest): TimeFormat {
  return (one(request, 'timefmt')?.toLowerCase() ?? 'msec') as TimeFormat;
}

function exportQueryOf(request: DecodedRequest): ExportQuery {
  const { device, series } = request.part;
  return {
    deviceId: device,
    series,
    limit: numberOf(request, 'limit'),
    from: numberOf(request, 'from'),
    to: numberOf(request, 'to'),
    greaterThan: numberOf(request, 'greater_than'),
    lessThan: numberOf(request, 'less_than'),
    equals: numberOf(request, 'equals'),
    operator: one(request, 'operator') as Operator | undefined,
    groupBy: one(request, 'group_by'),
    timeFormat: formatOf(request),
  };
}

function dataQueryOf(request: DecodedRequest): DataQuery {
  const [from, to] = one(request, 'time')?.split(',').map(Number) ?? [];
  const [field, count] = one(request, 'limit_by')?.split(',') ?? [];
  return {
    field: request.part.field || undefined,
    limit: numberOf(request, 'limit'),
    limitBy: field === undefined ? undefined : { field, count: Number(count) },
    from,
    to,
    where: request.query.get('where')?.map((text) => {
      const [, is, name, value] = /^(\w+)\((\w+),(.*)\)$/.exec(text)!;
      return { is: is as 'eq', field: name!, value: /^\d+$/.test(value!) ? Number(value) : value! };
    }),
    operator: one(request, 'operator') as Operator | undefined,
    groupBy: one(request, 'group_by')?.split(','),
    timeFormat: formatOf(request),
  };
}

const unitMs = { sec: 1000, msec: 1, usec: 0.001 } as const;

interface ImportRequest {
  readonly device_id?: string;
  readonly timefmt?: TimeUnit;
  readonly sources?: readonly { name: string; data: readonly { time: number; value: never }[] }[] & {
    fields: string[];
    data: [number, ...never[]][];
  };
  readonly data?: { fields: string[]; values: [number, ...never[]][] };
  readonly labels?: Record<string, string>;
  readonly namespace?: string;
}

function importOf(
  client: IobeamClient,
  { device_id: deviceId = 'a-device', timefmt: timeUnit = 'msec', sources, data, labels, namespace }: ImportRequest,
) {
  const time = (given: number) => given * unitMs[timeUnit];
  const table = (fields: string[], rows: [number, ...never[]][]) => ({
    columns: fields.slice(1),
    rows: rows.map(([at, ...cells]) => [time(at), ...cells] as const),
  });
  if (data !== undefined) return client.importRows({ ...table(data.fields, data.values), labels, namespace }, { timeUnit });
  if (!Array.isArray(sources)) return client.importTable(table(sources!.fields, sources!.data), { deviceId, timeUnit });
  const series = sources.map((each) => ({
    name: each.name,
    points: each.data.map((point) => ({ time: time(point.time), value: point.value })),
  }));
  return client.importSeries(series, { deviceId, timeUnit });
}

/** What a trigger is called in the client. */
function triggerOf(body: unknown): Trigger {
  const { actions = [], ...trigger } = camelCased(withoutProject(body)) as { actions?: Record<string, unknown>[] };
  return { ...trigger, actions: actions.map(camelCased) } as unknown as Trigger;
}

// biome-ignore lint/suspicious/noExplicitAny: what a document's body holds is known to the document
type Anything = any;

function withoutProject(body: unknown): Record<string, unknown> {
  const { project_id: _, ...rest } = body as Record<string, unknown>;
  return rest;
}

function camelCased(body: unknown): Anything {
  const entries = Object.entries(body as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

/** A resource as the client gives it: names in camel case, dates in epoch milliseconds, users by their numbers. */
function resource(body: unknown): unknown {
  if (body === undefined) return undefined;
  const { name: _, ...named } = camelCased(body);
  const members = 'namespaceId' in named ? named : camelCased(body);
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, memberOf(name, value)]));
}

function memberOf(name: string, value: unknown): unknown {
  if (['created', 'lastModified', 'expires'].includes(name)) return parseDate(value as string);
  if (name === 'actions') return (value as unknown[]).map(camelCased);
  if (name !== 'permissions') return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, boolean | { user_id: number }[]>).map(([permission, holders]) => [
      permission,
      Array.isArray(holders) ? holders.map(({ user_id }) => user_id) : holders,
    ]),
  );
}

/** The resources of a list; a body without one is a resource itself. */
function listOf(body: unknown, name: string): unknown {
  const list = (body as Record<string, unknown[] | undefined>)[name];
  return list === undefined ? resource(body) : list.map(resource);
}

function issuedToken(body: unknown): unknown {
  return { read: false, write: false, admin: false, ...(resource(body) as object) };
}

function seriesData(body: unknown, request: DecodedRequest): unknown {
  if (typeof body === 'string') return body;
  const { result } = body as { result: { project_id: number; device_id: string; name: string; data: { time: never; value: unknown }[] }[] };
  return result.map(({ project_id, device_id, name, data }) => ({
    projectId: project_id,
    deviceId: device_id,
    name,
    points: data.map(({ time, value }) => ({ time: timeOf(time, request), value })),
  }));
}

function dataTable(body: unknown, request: DecodedRequest): unknown {
  if (typeof body === 'string') return body;
  const [table] = (body as { result: { fields: string[]; values: [never, ...unknown[]][] }[] }).result;
  return table && { fields: table.fields, rows: table.values.map(([time, ...cells]) => [timeOf(time, request), ...cells]) };
}

function timeOf(time: number | { sec: number; usec: number }, request: DecodedRequest): number {
  if (typeof time === 'object') return time.sec * 1000 + time.usec / 1000;
  return formatOf(request) === 'usec' ? time / 1000 : time;
}
