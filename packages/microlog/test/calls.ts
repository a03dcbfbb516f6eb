import { isAnySeriesError } from '@anyseries/core';
import { createClient, type Dataset, type MicrologClient } from '@anyseries/microlog';
import type { Calls, DecodedRequest } from '../../../tooling/vectors/client-half.ts';
import type { Setup, VectorRequest, VectorResponse } from '../../../tooling/vectors/vector.ts';
import { documentTime } from './service.ts';
import type { WorldUser } from './world.ts';

/** How the requests of Microlog's vectors are asked of its native client. */
export const calls: Calls<MicrologClient> = {
  trailingSlashIsOptional: true,
  connect: ({ url, setup, request, clock }) => createClient({ url, clock, ...accountOf(request, setup), ...serverOf(request) }),
  async close(client) {
    await client.close({ deadlineMs: 1 });
  },
  hasCredentials(request) {
    const { api_token: token, api_username: name } = fieldsOf(request);
    if (request.method === 'POST' && request.target.startsWith('/graphs/api')) return token !== undefined && name !== undefined;
    const needsSession = /^\/(dashboard|auth\/logout)/.test(request.target) || (request.method === 'POST' && request.target === '/graphs/');
    if (needsSession) return headerOf(request, 'cookie') !== undefined;
    return !request.target.startsWith('/graphs/api') || request.method === 'OPTIONS' || headerOf(request, 'authorization') !== undefined;
  },
  never(request) {
    const { datasets, password, password_repeat: repeated, time } = fieldsOf(request);
    if (isWrite(request)) {
      if (headerOf(request, 'content-type') !== 'application/json') return 'no client sends another type';
      return isSendable(datasets) ? undefined : 'no client sends such datasets';
    }
    if (repeated !== undefined && password !== repeated) return 'no client repeats another password';
    if (time !== undefined) return 'no client sends a time that is ignored';
    if (request.target === '/graphs/') return 'no client asks for the example';
    return /^\/graphs\/\w{20}$/.test(request.target) && request.method === 'GET' ? 'no client leaves out the scale' : undefined;
  },

  operations: [
    {
      method: 'POST',
      path: '/graphs/api',
      call: send,
      gives: (body, { body: sent }) => (typeof body === 'object' ? (body as { datasets: unknown }).datasets : pointsIn(sendableIn(sent))),
      // nothing is stored then: the queue sends again
      succeeds: ({ status, body }) => status < 300 || body?.startsWith('Server does not have access') === true,
    },
    // how a client learns what kind of server it is
    { method: 'OPTIONS', path: '/graphs/api', call: (client) => codeOf(client.listGraphs()), gives: () => 'unsupported' },
    { method: 'GET', path: '/graphs/api', call: (client) => client.listGraphs(), gives: (body) => (body as { graphs: unknown }).graphs },
    {
      method: 'GET',
      path: '/graphs/api/{id}/points',
      call: (client, { part, query }) => client.readPoints(part.id!, numbersIn(query, ['start', 'end', 'limit'])),
      gives: (body) => (body as { points: unknown }).points,
    },
    {
      method: 'GET',
      path: '/graphs/api/{id}/sums',
      call: (client, { part, query }) => client.readSums(part.id!, numbersIn(query, ['start', 'end', 'interval']) as { interval: number }),
      gives: (body) => (body as { sums: unknown }).sums,
    },
    {
      method: 'POST',
      path: '/auth/create',
      call: (client) => codeOf(client.createAccount()),
      gives: (_, __, { headers }) => ({ '/dashboard': 'done', '/auth/create?e=5': 'conflict' })[locationOf(headers)!] ?? 'forbidden',
      succeeds: isRedirect,
    },
    {
      method: 'POST',
      path: '/auth/login',
      call: (client) => codeOf(client.logIn()),
      gives: (_, __, { headers }) => (locationOf(headers) === '/dashboard' ? 'done' : 'unauthenticated'),
      succeeds: isRedirect,
    },
    {
      method: 'GET',
      path: '/auth/logout',
      call: async (client) => (await client.logOut()) ?? 'done',
      gives: () => 'done',
      succeeds: isRedirect,
    },
    {
      method: 'GET',
      path: '/dashboard',
      call: (client) => client.readDashboard().catch(toCode),
      gives: (_, __, { status }) => (status === 303 ? 'unauthenticated' : adasDashboard),
      succeeds: ({ status }) => status < 400,
    },
    {
      method: 'POST',
      path: '/dashboard/new',
      call: (client, { body }) => client.createGraph((body as { graph_name: string }).graph_name),
      gives: () => madeGraph,
      succeeds: isRedirect,
    },
    {
      method: 'POST',
      path: '/graphs',
      call: async (client, { body }) => {
        const { graph, count, text } = body as { graph: string; count: string; text: string };
        await client.addPoint(graph, { count: Number(count), text });
        return 'done';
      },
      gives: () => 'done',
      succeeds: isRedirect,
    },
    {
      method: 'GET',
      path: '/graphs/{id}',
      call: async (client, { part, query }) => {
        const { buckets } = await client.readGraph(part.id!, { interval: Number(query.get('i')?.[0] ?? 3600) / 3 });
        return [buckets[0]!.time, buckets.map(({ sum }) => sum)];
      },
      gives: (_, { query }, response) => {
        const interval = Number(query.get('i')?.[0] ?? 3600) / 3;
        return [(Math.floor(documentTime / interval) - 120) * interval, chartOf(response).data];
      },
    },
  ],
  anyOperation: { method: 'POST', path: '/graphs/api', call: send },

  answerFurther({ startLine }, index) {
    if (startLine.startsWith('OPTIONS ')) return answer(200, [['Microlog-Extensions', 'read/1, result/1, idempotency/1']], 'GET,HEAD,POST');
    if (startLine.startsWith('POST /graphs/api/ ')) return answer(200, [], 'All good');
    if (startLine.startsWith('POST /auth/login ')) return answer(303, [['Location', '?e=1']], '');
    // the dashboard before a graph is made, and after
    if (startLine.startsWith('GET /dashboard ')) return answer(200, [], dashboardWith(index === 0 ? [] : [madeGraph]));
    return undefined;
  },
  /** Pages of points are told in the body. */
  nextTarget({ request, response }) {
    const next = /"next":"([^"]+)"/.exec(response.body ?? '')?.[1];
    return next === undefined ? undefined : `${request.target}&cursor=${next}`;
  },
  complete: (response) => ('chart' in response ? { ...response, body: graphPage(chartOf(response)) } : response),
};

const madeGraph = { id: 'qiMKiV4lecII3QnOAqkl', name: 'Queue length' };

const adasDashboard = {
  username: 'ada',
  token: 'aDa7Qm2ZpX9kLr4TtW1c',
  graphs: [
    { id: 'ReqPerMin00000000001', name: 'Requests' },
    { id: 'Errs0000000000000002', name: 'Errors' },
  ],
};

function dashboardWith(graphs: readonly { id: string; name: string }[]): string {
  const links = graphs.map(({ id, name }) => `<p><a href="/graphs/${id}">${name}</a></p>`).join('');
  return `<p>Logged in as ada.</p><p>Token:&nbsp;<code>aDa7Qm2ZpX9kLr4TtW1c</code></p>${links}`;
}

function answer(status: number, headers: VectorResponse['headers'], body: string): VectorResponse {
  return { status, reason: status === 303 ? 'See Other' : 'OK', headers: [['Content-Type', 'text/html; charset=utf-8'], ...headers], body };
}

/** What the document tells of a page's script. */
interface ShownChart {
  readonly labels: { readonly first: readonly string[]; readonly more: number; readonly last: readonly string[] };
  readonly label: string;
  readonly data: readonly number[];
}

function chartOf(response: VectorResponse): ShownChart {
  return (response as unknown as { chart: ShownChart }).chart;
}

/** A page as the original lays it out, with the labels that the document leaves out. */
function graphPage({ labels: { first, more, last }, label, data }: ShownChart): string {
  const labels = [...first, ...Array.from({ length: more }, () => 'November 4 / 0:0'), ...last].map((each) => `'${each}'`);
  return `<h1>${label}</h1><script>\n labels: [ ${labels.join(',')} ],\n label: "${label}",\n data: [ ${data.join(',')} ]\n</script>`;
}

/** By the queue where the request could have come from it, else as it is. */
async function send(client: MicrologClient, { body, headers }: DecodedRequest): Promise<unknown> {
  const datasets = sendableIn(body);
  const key = headers.find(([name]) => name.toLowerCase() === 'idempotency-key')?.[1];
  if (!isQueueable(datasets)) return (await client.write(datasets, key === undefined ? {} : { idempotencyKey: key })) ?? pointsIn(datasets);
  for (const { graph, points } of datasets) for (const { time, count, text } of points) void client.enque(graph, count, time, { text });
  const { sent, error } = await client.dispatch();
  if (sent === 0) throw error;
  return sent;
}

/** What a request says, or where no client sends that, something to be answered. */
function sendableIn(body: unknown): readonly Dataset[] {
  const { datasets } = (body ?? {}) as { datasets?: unknown };
  return isSendable(datasets) ? datasets : [{ graph: 'ReqPerMin00000000001', points: [] }];
}

function pointsIn(datasets: readonly Dataset[]): number {
  return datasets.reduce((sum, { points }) => sum + points.length, 0);
}

function isSendable(datasets: unknown): datasets is Dataset[] {
  if (!Array.isArray(datasets) || datasets.length === 0) return false;
  return datasets.every(
    ({ graph, points }: Partial<Dataset>) => typeof graph === 'string' && graph !== '' && Array.isArray(points) && points.every(isPoint),
  );
}

function isPoint({ time, count, text = '' }: Readonly<Record<string, unknown>>): boolean {
  return typeof time === 'number' && typeof count === 'number' && typeof text === 'string';
}

/** Whether the queue would send just this: one graph, whole numbers, all with texts, and no more than fit. */
function isQueueable([first, ...others]: readonly Dataset[]): boolean {
  if (first === undefined || others.length > 0 || first.points.length === 0 || first.points.length > 2000) return false;
  return first.points.every(({ time, count, text }) => Number.isInteger(time) && Number.isInteger(count) && text !== undefined);
}

function accountOf(request: VectorRequest, { credentials }: Setup) {
  const [ada] = credentials!.users as WorldUser[];
  const { api_username, api_token, username, password } = fieldsOf(request) as Record<string, string>;
  // where the document shows what happens without one, as good as none
  const session = /token=(\w+)/.exec(headerOf(request, 'cookie') ?? '')?.[1] ?? (request.target === '/dashboard' ? 'gone' : undefined);
  return {
    username: api_username ?? username ?? ada!.name,
    token: api_token ?? ada!.token,
    password: password ?? ada!.password,
    ...(session === undefined ? {} : { session }),
  };
}

/** A client of a gateway sends several datasets and asks for JSON; all others behave as with the original. */
function serverOf(request: VectorRequest): { server: 'original' | 'gateway' } {
  const { datasets } = fieldsOf(request);
  return { server: Array.isArray(datasets) && datasets.length > 1 ? 'gateway' : 'original' };
}

function isWrite({ method, target }: VectorRequest): boolean {
  return method === 'POST' && /^\/(graphs\/)?api/.test(target);
}

function fieldsOf({ headers, body }: VectorRequest): Readonly<Record<string, unknown>> {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(body ?? ''));
  try {
    return JSON.parse(body ?? '{}');
  } catch {
    return {};
  }
}

function headerOf({ headers }: VectorRequest, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function numbersIn(query: DecodedRequest['query'], names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, Number(query.get(name)![0])]] : [])));
}

function locationOf(headers: VectorResponse['headers']): string | undefined {
  return headers.find(([name]) => name === 'Location')?.[1];
}

function isRedirect({ status }: VectorResponse): boolean {
  return status === 303;
}

/** `done`, or the code of what a call fails with. */
function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => 'done', toCode);
}

function toCode(error: unknown): string {
  return isAnySeriesError(error) ? error.code : String(error);
}
