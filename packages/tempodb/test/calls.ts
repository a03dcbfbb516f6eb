import type { Calls, DecodedRequest } from '../../../tooling/vectors/client-half.ts';
import type { Setup } from '../../../tooling/vectors/vector.ts';
import { type Cursor, createClient, type TempoDBClient } from '../src/index.ts';

/** How the requests of TempoDB's vectors are asked of its native client. */
export const calls: Calls<TempoDBClient> = {
  trailingSlashIsOptional: true,
  emptyParametersAreAbsent: true,
  freeHeaders: ['content-type'],
  connect: ({ url, setup, request, clock }) => createClient({ url, ...(credentialsOf(request.headers) ?? ownCredentials(setup)), clock }),
  close: (client) => client.close(),
  hasCredentials: ({ headers }) => credentialsOf(headers) !== undefined,

  operations: [
    { method: 'POST', path: '/v1/series', call: (client, { body }) => client.createSeries(body as object) },
    { method: 'GET', path: '/v1/series', call: (client, request) => client.listSeries(selectionOf(request), limitOf(request)) },
    {
      method: 'DELETE',
      path: '/v1/series',
      call: (client, request) =>
        one(request, 'allow_truncation') === 'true' ? client.deleteAllSeries() : client.deleteSeriesWhere(selectionOf(request)),
    },
    { method: 'GET', path: '/v1/series/{by}/{name}', call: (client, request) => client.getSeries(addressOf(request)) },
    {
      method: 'PUT',
      path: '/v1/series/{by}/{name}',
      call: (client, request) => client.updateSeries(addressOf(request), request.body as object),
    },
    { method: 'DELETE', path: '/v1/series/{by}/{name}', call: (client, request) => client.deleteSeries(addressOf(request)) },

    {
      method: 'POST',
      path: '/v1/series/{by}/{name}/data',
      call: (client, request) => client.write(addressOf(request), elementsOf(request)),
    },
    {
      method: 'POST',
      path: '/v1/series/{by}/{name}/increment',
      call: (client, request) => client.increment(addressOf(request), elementsOf(request)),
    },
    { method: 'POST', path: '/v1/data', call: (client, request) => client.writeBulk(...bulkOf(request)), gives: statusesOf },
    { method: 'POST', path: '/v1/increment', call: (client, request) => client.incrementBulk(...bulkOf(request)), gives: statusesOf },
    { method: 'POST', path: '/v1/multi', call: (client, request) => client.writeMulti(elementsOf(request)), gives: statusesOf },
    {
      method: 'POST',
      path: '/v1/multi/increment',
      call: (client, request) => client.incrementMulti(elementsOf(request)),
      gives: statusesOf,
    },
    {
      method: 'DELETE',
      path: '/v1/series/{by}/{name}/data',
      call: (client, request) => client.deletePoints(addressOf(request), rangeOf(request)),
    },

    {
      method: 'GET',
      path: '/v1/series/{by}/{name}/data',
      call: (client, request) => client.readData(addressOf(request), dataQueryOf(request)),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/data',
      call: (client, request) => client.readDataSets(selectionOf(request), dataQueryOf(request)),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/series/{by}/{name}/segment',
      call: (client, request) => wholePages(client.readSegment(addressOf(request), segmentQueryOf(request))),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/segment',
      call: (client, request) =>
        wholePages(client.aggregate(selectionOf(request), { ...segmentQueryOf(request), aggregation: one(request, 'aggregation.fold')! })),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/multi',
      call: (client, request) => wholePages(client.readMulti(selectionOf(request), segmentQueryOf(request))),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/series/{by}/{name}/data/rollups/segment',
      call: (client, request) => {
        const { rollup: _, ...query } = segmentQueryOf(request);
        const folds = request.query.get('rollup.fold') ?? [];
        return wholePages(client.readRollups(addressOf(request), { ...query, period: one(request, 'rollup.period')!, folds }));
      },
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/series/{by}/{name}/find',
      call: (client, request) => {
        const period = one(request, 'predicate.period')!;
        const fold = one(request, 'predicate.function') as 'max' | 'min' | 'first' | 'last';
        return wholePages(
          client.find(addressOf(request), { ...rangeOf(request), ...zoneOf(request), ...limitOf(request), period, function: fold }),
        );
      },
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/series/{by}/{name}/single',
      call: (client, request) => client.singleValue(addressOf(request), singleQueryOf(request)),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/single',
      call: (client, request) => client.singleValues(selectionOf(request), { ...singleQueryOf(request), ...limitOf(request) }),
      gives: withTimes,
    },
    {
      method: 'GET',
      path: '/v1/series/{by}/{name}/summary',
      call: (client, request) => client.summary(addressOf(request), { ...rangeOf(request), ...zoneOf(request) }),
      gives: withTimes,
    },
    { method: 'GET', path: '/ping', call: (client) => client.ping() },
    { method: 'POST', path: '/v1/database', call: (client, { body }) => client.createDatabase((body as { name: string }).name) },
  ],
  anyOperation: { method: 'GET', path: '/v1/series', call: (client) => client.listSeries() },

  // a 403 may be about the series or about the credentials: the client looks whether these open anything
  answerFurther: ({ startLine }) =>
    startLine === 'GET /v1/series/?limit=1 HTTP/1.1'
      ? { status: 200, reason: 'OK', headers: [['Content-Type', 'application/json']], body: '[]' }
      : undefined,
};

function ownCredentials({ credentials }: Setup): { key: string; secret: string } {
  const { user, password } = credentials!.basic![0]!;
  return { key: user, secret: password };
}

function credentialsOf(headers: readonly (readonly [string, string])[]): { key: string; secret: string } | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  if (value === undefined) return undefined;
  const [key = '', ...secret] = Buffer.from(value.replace(/^Basic /i, ''), 'base64')
    .toString()
    .split(':');
  return { key, secret: secret.join(':') };
}

function addressOf({ part }: DecodedRequest): { id: string } | { key: string } {
  return part.by === 'id' ? { id: part.name! } : { key: part.name! };
}

function one({ query }: DecodedRequest, name: string): string | undefined {
  return query.get(name)?.[0];
}

function selectionOf({ query }: DecodedRequest) {
  const attributes = [...query].flatMap(([name, [value]]) => {
    const attribute = /^attr\[(.*)\]$/.exec(name)?.[1];
    return attribute === undefined ? [] : [[attribute, value!]];
  });
  return {
    ids: query.get('id'),
    keys: query.get('key'),
    tags: query.get('tag'),
    attributes: attributes.length === 0 ? undefined : (Object.fromEntries(attributes) as Record<string, string>),
  };
}

function rangeOf(request: DecodedRequest) {
  return { start: one(request, 'start')!, end: one(request, 'end')! };
}

function zoneOf(request: DecodedRequest) {
  return { tz: one(request, 'tz') };
}

function limitOf(request: DecodedRequest) {
  const limit = one(request, 'limit');
  return { limit: limit === undefined ? undefined : Number(limit) };
}

function dataQueryOf(request: DecodedRequest) {
  return { ...rangeOf(request), ...zoneOf(request), interval: one(request, 'interval'), function: one(request, 'function') };
}

function segmentQueryOf(request: DecodedRequest) {
  const [period, fold] = [one(request, 'rollup.period'), one(request, 'rollup.fold')];
  const [step, curve] = [one(request, 'interpolation.period'), one(request, 'interpolation.function')];
  return {
    ...rangeOf(request),
    ...zoneOf(request),
    ...limitOf(request),
    rollup: period === undefined && fold === undefined ? undefined : { period, fold },
    interpolation: step === undefined ? undefined : { period: step, function: curve as 'linear' | 'zoh' },
  };
}

function singleQueryOf(request: DecodedRequest) {
  const direction = one(request, 'direction') as 'exact' | 'before' | 'after' | 'nearest' | undefined;
  return { ...zoneOf(request), ts: one(request, 'ts'), direction };
}

type Element = { t?: string; id?: string; key?: string; v: number };

/** Malformed JSON has none. */
function elementsOf({ body }: DecodedRequest): Element[] {
  return (body ?? []) as Element[];
}

function bulkOf({ body }: DecodedRequest): [time: string | undefined, values: Element[]] {
  const { t, data } = body as { t?: string; data: Element[] };
  return [t, data];
}

/** Pages with their head, as the service answers them. */
function wholePages<Row>(cursor: Cursor<Row, object>): { pages(): AsyncIterable<object> } {
  return {
    async *pages() {
      for await (const data of cursor.pages()) yield { ...(await cursor.head()), data };
    },
  };
}

/** Without a body every element is stored. */
function statusesOf(body: unknown, { body: sent }: DecodedRequest): unknown {
  const elements = Array.isArray(sent) ? sent : (sent as { data: unknown[] }).data;
  if (body === undefined) return elements.map(() => ({ status: 200, messages: [] }));
  const { multistatus } = body as { multistatus: { status: string }[] };
  return multistatus.map((each) => ({ ...each, status: Number(each.status) }));
}

/** Times as the client gives them: epoch milliseconds. */
function withTimes(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withTimes);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, isTime(name, value) ? Date.parse(value as string) : withTimes(value)]),
  );
}

function isTime(name: string, value: unknown): boolean {
  return ['t', 'start', 'end'].includes(name) && typeof value === 'string';
}
