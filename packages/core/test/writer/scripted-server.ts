import {
  AnySeriesError,
  type Capabilities,
  type OnDuplicate,
  type PointBatch,
  storeCapabilities,
  type WriteLimits,
} from '../../src/index.ts';
import { type Attempt, defineProvider, type Verdict } from '../../src/provider.ts';
import type { ManualClock } from './manual-clock.ts';

/** What the server does with one request. `ms`: after so long. */
export type Reply = { readonly ms?: number } /** Takes what is good; poison costs the whole batch or, item by item, itself. */ & (
  | { readonly kind: 'judge' }
  | { readonly kind: 'unconfirmed' }
  /** Cannot take it now, and has not. */
  | { readonly kind: 'down' }
  /** Has no answer that says whether it took it. */
  | { readonly kind: 'doubt'; readonly applied: boolean }
  /** Asks to be left alone. */
  | { readonly kind: 'wait'; readonly askedMs: number }
  /** Takes the first rows, and asks for the others again. */
  | { readonly kind: 'some'; readonly share: number }
  /** Refuses every so manieth row, and takes the others. */
  | { readonly kind: 'items'; readonly every: number }
  | { readonly kind: 'too-large'; readonly above: number }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'block'; readonly why: 'auth' | 'tls' | 'config' }
  | { readonly kind: 'throw' }
);

/** A request as the server saw it. Points are known by their values. */
export interface SeenRequest {
  readonly at: number;
  readonly key: string;
  readonly ids: readonly number[];
  readonly series: readonly string[];
  readonly times: readonly number[];
  readonly reply: Reply['kind'];
  /** Points that were stored by it, whatever the sender heard. */
  readonly applied: readonly number[];
  /** What the sender heard: when, after how many requests, and of which points. Missing while, or because, it did not. */
  heard?: {
    readonly at: number;
    requests: number;
    readonly verdict: Verdict['kind'] | 'failed';
    readonly accepted: readonly number[];
    readonly rejected: readonly number[];
  };
}

export interface ScriptedServerOptions {
  readonly clock: ManualClock;
  readonly onDuplicate?: OnDuplicate;
  readonly idempotencyKey?: boolean;
  readonly granularity?: 'item' | 'batch';
  readonly limits?: WriteLimits;
  /** Values that the server does not take. */
  readonly poison?: ReadonlySet<number>;
  /** The size of a point, beside that of its key. */
  readonly pointBytes?: number;
}

/** A backend that does what it is told, and remembers. */
export interface ScriptedServer {
  readonly provider: ReturnType<typeof connectTo>;
  /** Replies to the next requests; then it judges. */
  readonly script: Reply[];
  /** The reply to all requests that the script leaves, until it is taken away. */
  always: Reply | undefined;
  readonly requests: readonly SeenRequest[];
  /** For how long a request was told to wait. */
  readonly asked: ReadonlyMap<SeenRequest, number>;
  /** The most requests that were under way at a time. */
  mostAtOnce(): number;
  underWay(): number;
}

const capabilities = { ...storeCapabilities, read: undefined };

export function createScriptedServer(options: ScriptedServerOptions): ScriptedServer {
  const requests: SeenRequest[] = [];
  const asked = new Map<SeenRequest, number>();
  let underWay = 0;
  let mostAtOnce = 0;

  async function send(batch: PointBatch, { idempotencyKey, signal }: Attempt): Promise<Verdict> {
    const reply = server.script.shift() ?? server.always ?? { kind: 'judge' };
    const verdict = answer(batch, reply, options);
    const ids = [...batch.values];
    const request: SeenRequest = {
      at: options.clock.seen(),
      key: idempotencyKey,
      ids,
      series: Array.from(batch.series, (place) => batch.refs[place]!.key),
      times: [...batch.times],
      reply: reply.kind,
      applied: appliedBy(batch, reply, verdict, options),
    };
    requests.push(request);
    if (reply.kind === 'wait') asked.set(request, reply.askedMs);
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    const { ms = 0 } = reply;
    // no answer is there before the question has been asked
    await (ms > 0 ? new Promise<void>((resolve) => options.clock.setTimer(resolve, ms)) : undefined);
    underWay--;
    // who has hung up hears nothing
    if (!signal.aborted) hear(request, verdict);
    if (verdict === undefined) throw new TypeError('the answer makes no sense');
    return verdict;
  }

  function hear(request: SeenRequest, verdict: Verdict | undefined): void {
    const heard = { at: options.clock.seen(), requests: Number.POSITIVE_INFINITY, ...sortedBy(request.ids, verdict) };
    request.heard = heard;
    // it takes the sender some turns to hear it, in which it may send what it was about to send
    setImmediate(() => {
      heard.requests = requests.length;
    });
  }

  const server: ScriptedServer = {
    provider: connectTo(options, send),
    script: [],
    always: undefined,
    requests,
    asked,
    mostAtOnce: () => mostAtOnce,
    underWay: () => underWay,
  };
  return server;
}

function connectTo(
  { onDuplicate = 'overwrites', idempotencyKey = false, granularity = 'batch', limits = {}, pointBytes = 10, clock }: ScriptedServerOptions,
  send: (batch: PointBatch, attempt: Attempt) => Promise<Verdict>,
) {
  const { read: _, ...others } = capabilities;
  return defineProvider({
    id: 'scripted',
    capabilities: { ...others, write: { ...others.write, limits, onDuplicate, idempotencyKey, granularity } } satisfies Capabilities,
    settings: { clock },
    open: () => ({ send, sizeOf: ({ key }) => key.length + pointBytes, overheadBytes: 2 }),
  });
}

/** Nothing for an answer that nobody understands. */
function answer(
  batch: PointBatch,
  reply: Reply,
  { poison = new Set(), granularity = 'batch' }: ScriptedServerOptions,
): Verdict | undefined {
  const rows = Array.from({ length: batch.length }, (_, row) => row);
  const error = (code: AnySeriesError['code']) => new AnySeriesError(code, reply.kind);
  const rejected = (bad: readonly number[]) =>
    bad.map((index) => ({ index, code: 'invalid' as const, message: `bad ${batch.values[index]}` }));
  switch (reply.kind) {
    case 'judge': {
      const bad = rows.filter((row) => poison.has(batch.values[row]!));
      if (bad.length === 0) return { kind: 'ok', outcome: 'stored' };
      if (granularity === 'item') return { kind: 'items', outcome: 'stored', rejected: rejected(bad) };
      return { kind: 'bad-batch', error: error('invalid') };
    }
    case 'unconfirmed':
      return { kind: 'ok', outcome: 'unconfirmed' };
    case 'down':
      return { kind: 'retry', ambiguous: false, error: error('unavailable') };
    case 'doubt':
      return { kind: 'retry', ambiguous: true, error: error('timeout') };
    case 'wait':
      return { kind: 'retry', ambiguous: false, retryAfterMs: reply.askedMs, error: error('rate-limited') };
    case 'some':
      return { kind: 'items', outcome: 'stored', rejected: [], keep: rows.slice(Math.floor(batch.length * reply.share)) };
    case 'items':
      return { kind: 'items', outcome: 'stored', rejected: rejected(rows.filter((row) => row % reply.every === 0)) };
    case 'too-large':
      return batch.length > reply.above ? { kind: 'too-large', error: error('too-large') } : { kind: 'ok', outcome: 'stored' };
    case 'refuse':
      return { kind: 'refused', error: error('conflict') };
    case 'block':
      return { kind: 'blocked', why: reply.why, error: error(reply.why === 'config' ? 'not-found' : 'unauthenticated') };
    case 'throw':
      return undefined;
  }
}

function sortedBy(
  ids: readonly number[],
  verdict: Verdict | undefined,
): Pick<NonNullable<SeenRequest['heard']>, 'verdict' | 'accepted' | 'rejected'> {
  if (verdict?.kind === 'ok') return { verdict: 'ok', accepted: ids, rejected: [] };
  if (verdict?.kind !== 'items') return { verdict: verdict?.kind ?? 'failed', accepted: [], rejected: [] };
  const bad = new Set(verdict.rejected.map(({ index }) => index));
  const kept = new Set(verdict.keep);
  return {
    // to keep everything is no answer
    verdict: kept.size === ids.length ? 'retry' : 'items',
    accepted: ids.filter((_, row) => !bad.has(row) && !kept.has(row)),
    rejected: ids.filter((_, row) => bad.has(row)),
  };
}

/** Who gives no answer judges all the same. */
function appliedBy(batch: PointBatch, reply: Reply, verdict: Verdict | undefined, options: ScriptedServerOptions): readonly number[] {
  if (reply.kind === 'doubt' && !reply.applied) return [];
  const judged = reply.kind === 'doubt' ? answer(batch, { kind: 'judge' }, options) : verdict;
  return sortedBy([...batch.values], judged).accepted;
}
