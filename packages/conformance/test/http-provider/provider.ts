import { allTimes, type Capabilities, type Provider, type Series, type SeriesFilter, type Value } from '@anyseries/core';
import {
  classifyResponse,
  createHttp,
  createTransport,
  type HttpResponse,
  httpSender,
  parseJson,
  readJson,
  type TransportResponse,
} from '@anyseries/core/http';
import {
  type Backend,
  type CallContext,
  createBatchBuilder,
  defineProvider,
  type ReadRequest,
  type Verdict,
} from '@anyseries/core/provider';
import { authorizeBatch, authorizeRequest } from './auth.ts';
import { type ExampleSettings, type ResolvedSettings, resolveSettings } from './settings.ts';
import * as wire from './wire.ts';

/** The example service in its rich form: points overwrite, the answer tells what became of each. */
export const richCapabilities = {
  write: {
    limits: { maxPoints: 500, maxBytes: 40_000, maxSeries: 20 },
    onDuplicate: 'overwrites',
    outcome: 'stored',
    granularity: 'item',
    idempotencyKey: true,
    increment: true,
    deletes: 'range',
    putSeries: true,
  },
  read: { windows: 'any', series: true, latest: true },
  values: ['number', 'bigint', 'boolean', 'string'],
  times: { resolution: 'us', ...allTimes },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

/** The example service in its poor form: a counter that adds whole numbers at whole seconds, one series per request, nothing to be read. */
export const poorCapabilities = {
  write: { limits: { maxBytes: 20_000, maxSeries: 1 }, onDuplicate: 'adds', outcome: 'unconfirmed', granularity: 'batch' },
  values: ['integer'],
  times: { resolution: 's', min: 0, max: Date.UTC(2100, 0, 1) },
  keys: { maxBytes: 255, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

export function connectRich(settings?: ExampleSettings): Provider<typeof richCapabilities> {
  const resolved = resolveSettings(settings);
  return defineProvider({ id: 'example', capabilities: richCapabilities, settings: resolved.provider, open: () => openRich(resolved) });
}

export function connectPoor(settings?: ExampleSettings): Provider<typeof poorCapabilities> {
  const resolved = resolveSettings(settings);
  return defineProvider({
    id: 'example-counter',
    capabilities: poorCapabilities,
    settings: resolved.provider,
    open: () => openPoor(resolved),
  });
}

function openRich(settings: ResolvedSettings): Backend {
  const token = settings.token();
  const transport = createTransport(settings);
  const http = createHttp({ ...settings, ...settings.provider, authorize: (request) => authorizeRequest(request, token) });

  async function* read({ keys, start, end, descending, limit }: ReadRequest, context: CallContext) {
    for (const key of keys) {
      let left = limit;
      for (let cursor: number | undefined; left > 0; ) {
        const search: Record<string, string> = { order: descending ? 'descending' : 'ascending' };
        const from = descending ? start : (cursor ?? start);
        const to = descending ? (cursor ?? end) : end;
        if (Number.isFinite(from)) search.start = String(from);
        if (Number.isFinite(to)) search.end = String(to);
        if (Number.isFinite(left)) search.limit = String(left);
        const { points, next } = await readJson(
          await http.request({ path: wire.paths.pointsOf(key), purpose: 'read', search }, context),
          wire.pointsAnswer,
        );
        yield toBatch(points.map(([time, value]) => [key, time, value]));
        left -= points.length;
        if (next === undefined) break;
        cursor = next;
      }
    }
  }

  async function* series(filter: SeriesFilter, context: CallContext) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const search = { filter: wire.encodeFilter(filter), after };
      const answer: HttpResponse = await http.request({ path: wire.paths.series, purpose: 'read', search }, context);
      const page = await readJson(answer, wire.seriesListAnswer);
      yield page.series as Series[];
      after = page.next;
    }
  }

  return {
    overheadBytes: wire.overheadBytes,
    sizeOf: (ref, _, value) => wire.sizeOf(ref, value),
    send: httpSender({
      transport,
      encode: (batch, { operation, idempotencyKey }) => ({
        method: 'POST',
        url: `${settings.url}${operation === 'increment' ? wire.paths.increments : wire.paths.points}`,
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: wire.encodeBatch(batch, true),
      }),
      authorize: (request) => authorizeBatch(request, token),
      classify: (response, _, { clock }) => classifyRich(response, clock.now()),
    }),
    read,
    series,
    async latest(keys, context) {
      const request = { method: 'POST', path: wire.paths.latest, purpose: 'read', json: { keys }, idempotent: true } as const;
      return toBatch((await readJson(await http.request(request, context), wire.latestAnswer)).points as [string, number, Value][]);
    },
    async delete({ key, range }, context) {
      const target = range === undefined ? wire.paths.oneSeries(key) : wire.paths.pointsOf(key);
      const search = range === undefined ? {} : { start: String(range.start), end: String(range.end) };
      await http.request({ method: 'DELETE', path: target, purpose: 'write', search }, context);
    },
    async putSeries({ key, name, attributes, tags }, context) {
      const json = { name, attributes, tags };
      const answer = await http.request({ method: 'PUT', path: wire.paths.oneSeries(key), purpose: 'manage', json }, context);
      return (await readJson(answer, wire.seriesAnswer)) as Series;
    },
    async check(context) {
      const { time } = await readJson(await http.request({ path: wire.paths.ping, purpose: 'read' }, context), wire.pingAnswer);
      return { clockSkewMs: time - context.clock.now() };
    },
    close: () => transport.close(),
  };
}

function openPoor(settings: ResolvedSettings): Backend {
  const token = settings.token();
  const transport = createTransport(settings);
  return {
    overheadBytes: wire.overheadBytes,
    sizeOf: (ref, _, value) => wire.sizeOf(ref, value),
    send: httpSender({
      transport,
      outcome: 'unconfirmed',
      encode: (batch) => ({
        method: 'POST',
        url: `${settings.url}${wire.paths.pointsOf(batch.refs[batch.series[0]!]!.key)}`,
        headers: { 'content-type': 'application/json' },
        body: wire.encodeBatch(batch, false),
      }),
      authorize: (request) => authorizeBatch(request, token),
    }),
    async check() {
      return {};
    },
    close: () => transport.close(),
  };
}

/** 200: all stored; 207: the answer names those that are not. */
function classifyRich(response: TransportResponse, now: number): Verdict {
  if (response.status !== 200 && response.status !== 207) return classifyResponse(response, 'stored', now);
  const { errors = [] } = wire.writeAnswer.parse(parseJson(response.text()));
  return { kind: 'items', outcome: 'stored', rejected: errors };
}

function toBatch(points: readonly (readonly [key: string, time: number, value: Value])[]) {
  const builder = createBatchBuilder(points.length);
  const refs = new Map<string, { key: string; slot: unknown }>();
  for (const [key, time, value] of points) {
    const ref = refs.get(key) ?? { key, slot: undefined };
    refs.set(key, ref);
    builder.add(ref, time, value);
  }
  return builder.build();
}
