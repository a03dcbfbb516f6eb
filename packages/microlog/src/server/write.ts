import { sha256 } from '@anyseries/core/server';
import { texts } from '../wire/answers.ts';
import type { Account } from './accounts.ts';
import { asksForJson, jsonAnswer, pageAnswer, textAnswer } from './answers.ts';
import { type Addition, append } from './append.ts';
import type { Call, Handler, Parts } from './call.ts';
import type { Graph } from './graphs.ts';
import { errorPage } from './pages.ts';
import { Refusal } from './refusal.ts';

/** What became of a dataset (EXTENSION result/1). */
type DatasetResult = {
  readonly graph?: string;
  readonly received: number;
  readonly stored: number;
  readonly error?: 'unknown_graph' | 'bad_dataset';
  /** The places of points that were not stored, where the others were. */
  readonly dropped?: readonly number[];
};

/** What a write is answered with, and what its idempotency key remembers. */
type Outcome = {
  readonly status: 200 | 404 | 500;
  readonly datasets: readonly DatasetResult[];
};

/** A dataset on its way: its result, or the addition that gives it one. */
type Dataset = { readonly graph?: string; readonly received: number } & (
  | { readonly error: NonNullable<DatasetResult['error']> }
  | { readonly addition: Addition }
);

const keyLifeMs = 24 * 3600 * 1000;

/** `POST /graphs/api/`: points for any number of graphs. */
export const write: Handler = async (call, parts) => {
  const account = await authorize(call, parts);
  const key = parts.settings.extension ? call.headers.get('idempotency-key') : null;
  if (key !== null && !/^[\x21-\x7e]{1,128}$/.test(key)) return textAnswer(400, texts.badParameter('Idempotency-Key'));
  const { datasets } = call.body.fields;
  if (!isIterable(datasets)) return pageAnswer(500, errorPage(notIterable(datasets), call.prefix));
  const outcome = await store(account, await readDatasets(datasets, account, parts), key, call, parts);
  return outcome === 'reused' ? textAnswer(409, texts.keyReused) : answer(outcome, call, parts);
};

/**
 * The checks in the order of the service. All of them come after a look into the store: without one, nothing else is told.
 *
 * @throws Refusal 401
 */
async function authorize({ body: { fields } }: Call, { accounts }: Parts): Promise<Account> {
  const { api_token: token, api_username: name } = fields;
  const areTexts = typeof token === 'string' && typeof name === 'string';
  const account = await accounts.byToken(areTexts ? name : '-', areTexts ? token : '');
  if (token === undefined) throw new Refusal(textAnswer(401, texts.noToken));
  if (name === undefined) throw new Refusal(textAnswer(401, texts.noUsername));
  if (!areTexts || account === undefined) throw new Refusal(textAnswer(401, texts.wrongCredentials));
  return account;
}

/** In the words of the service, where anything but a list and a text fails like this. */
function notIterable(datasets: unknown): string {
  if (datasets !== undefined && datasets !== null) return 'undefined is not a function';
  return `Cannot read property 'Symbol(Symbol.iterator)' of ${datasets}`;
}

function isIterable(datasets: unknown): datasets is Iterable<unknown> {
  return Array.isArray(datasets) || typeof datasets === 'string';
}

interface ReadDatasets {
  readonly status: Outcome['status'];
  readonly datasets: readonly Dataset[];
}

/** What is wrong with a dataset decides the status; a `null` among them ends the reading, but not what came before it. */
async function readDatasets(given: Iterable<unknown>, account: Account, { graphs }: Parts): Promise<ReadDatasets> {
  const datasets: Dataset[] = [];
  const found = new Map<unknown, Graph | undefined>();
  let status: Outcome['status'] = 200;
  for (const each of given) {
    if (each === null) return { status: status === 200 ? 500 : status, datasets };
    const { graph: id, points } = each as { graph?: unknown; points?: unknown };
    if (!found.has(id)) found.set(id, await graphs.findFor(account, id));
    const graph = found.get(id);
    const told = { ...(typeof id === 'string' ? { graph: id } : {}), received: Array.isArray(points) ? points.length : 0 };
    if (!id || !points) status = 404;
    if (!id || !points || !Array.isArray(points)) datasets.push({ ...told, error: 'bad_dataset' });
    else if (graph === undefined) datasets.push({ ...told, error: 'unknown_graph' });
    else datasets.push({ ...told, addition: { graph, points } });
  }
  return { status, datasets };
}

/** Stores what can be stored. A key that was seen before gives the first outcome again, or `reused` where it came with something else. */
async function store(account: Account, read: ReadDatasets, key: string | null, call: Call, parts: Parts): Promise<Outcome | 'reused'> {
  const additions = read.datasets.flatMap((dataset) => ('addition' in dataset ? [dataset.addition] : []));
  const remembered = key === null ? undefined : await rememberedAs(account, key, call.body.bytes);
  let result: Outcome | 'reused' = { status: read.status, datasets: [] };
  await append(account.store, additions, parts.arrival(), async (tx, { dropped }) => {
    const earlier = remembered && (await tx.records.get<Remembered>(keyCollection, remembered.id));
    if (earlier !== undefined) {
      result = earlier.value.body === remembered!.body ? earlier.value.outcome : 'reused';
      return false;
    }
    const outcome = outcomeOf(read, dropped);
    result = outcome;
    if (remembered !== undefined && outcome.status !== 500)
      tx.records.put(keyCollection, remembered.id, { body: remembered.body, outcome }, { expiresAt: parts.now() * 1000 + keyLifeMs });
    return true;
  });
  return result;
}

const keyCollection = 'microlog/idempotency-keys';

type Remembered = { readonly body: string; readonly outcome: Outcome };

/** Where the outcome of a request with a key is remembered, and by what its body is known again. */
async function rememberedAs({ name }: Account, key: string, bytes: Uint8Array<ArrayBuffer>): Promise<{ id: string; body: string }> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { id: await sha256(`${key} ${name}`), body: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

function outcomeOf({ status, datasets }: ReadDatasets, dropped: readonly ReadonlySet<number>[]): Outcome {
  let addition = 0;
  return {
    status,
    datasets: datasets.map((dataset): DatasetResult => {
      const { graph, received } = dataset;
      const told = { ...(graph === undefined ? {} : { graph }), received };
      if ('error' in dataset) return { ...told, stored: 0, error: dataset.error };
      const missing = [...dropped[addition++]!].sort((a, b) => a - b);
      return { ...told, stored: received - missing.length, ...(missing.length === 0 ? {} : { dropped: missing }) };
    }),
  };
}

function answer({ status, datasets }: Outcome, { headers, prefix }: Call, { settings }: Parts): Response {
  if (status === 500) return pageAnswer(500, errorPage("Cannot read property 'graph' of null", prefix));
  if (settings.extension && asksForJson(headers.get('accept'))) {
    const ok = status === 200 && datasets.every(({ received, stored, error }) => error === undefined && stored === received);
    return jsonAnswer(JSON.stringify({ ok, datasets }), status);
  }
  return status === 200 ? textAnswer(200, texts.allGood) : textAnswer(404, texts.graphNotFound);
}
