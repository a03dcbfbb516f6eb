import { texts } from '../wire/answers.ts';
import type { Account } from './accounts.ts';
import { jsonAnswer, textAnswer } from './answers.ts';
import type { Call, Handler, Parts } from './call.ts';
import type { Graph } from './graphs.ts';
import { Refusal } from './refusal.ts';
import { type Row, readSeconds, type Second } from './seconds.ts';
import { sessionOf } from './session-cookie.ts';

const usualLimit = 1000;
const maxLimit = 10_000;
const maxSums = 100_000;

/** EXTENSION read/1: the graphs of an account. */
export const listGraphs: Handler = async (call, parts) => {
  const graphs = await parts.graphs.list(await authorize(call, parts));
  const told = graphs.map(({ id, name, type, series, hasList }) => ({ id, name, type, ...(hasList ? {} : { series }) }));
  return jsonAnswer(JSON.stringify({ graphs: told }));
};

/** EXTENSION read/1: the points of a graph, by time and then as they arrived. */
export const readPoints: Handler = async (call, parts) => {
  const graph = await graphFor(call, parts);
  const { query } = call;
  const [start, end] = [numberIn(query, 'start', -Infinity), numberIn(query, 'end', Infinity)];
  const limit = wholeIn(query, 'limit', maxLimit, usualLimit);
  const { points, next, omitted } = await pageOf(graph, start, end, cursorIn(query), limit);
  const told = points.map(
    ({ time, amount, text }) => `{"time":${numberText(time)},"count":${numberText(amount)},"text":${JSON.stringify(text)}}`,
  );
  return withOmitted(jsonAnswer(`{${headOf(graph)},"points":[${told.join(',')}],"next":${JSON.stringify(next)}}`), omitted);
};

interface Page {
  readonly points: readonly Row[];
  readonly next: string | null;
  readonly omitted: number;
}

async function pageOf(graph: Graph, start: number, end: number, cursor: Cursor | undefined, limit: number): Promise<Page> {
  const points: Row[] = [];
  let last: Cursor = { time: Number.NaN, count: 0 };
  let omitted = 0;
  for await (const second of readSeconds(graph, Math.floor(Math.max(start, cursor?.time ?? start)), Math.ceil(end))) {
    omitted += second.omitted;
    for (const row of shownRows(second)) {
      if (row.time < start || row.time >= end) continue;
      const here = { time: row.time, count: row.time === last.time ? last.count + 1 : 1 };
      if (points.length === limit) return { points, next: `${last.time}:${last.count}`, omitted };
      last = here;
      if (cursor === undefined || isBehind(here, cursor)) points.push(row);
    }
  }
  return { points, next: null, omitted };
}

/** Of what another protocol has within a second, the last is shown, at the second. */
function shownRows({ second, rows, isListed }: Second): readonly Row[] {
  return isListed ? rows : rows.slice(-1).map((row) => ({ ...row, time: second }));
}

/** EXTENSION read/1: sums of the buckets of a graph that hold a point. */
export const readSums: Handler = async (call, parts) => {
  const graph = await graphFor(call, parts);
  const { query } = call;
  const [start, end] = [numberIn(query, 'start', -Infinity), numberIn(query, 'end', Infinity)];
  const interval = wholeIn(query, 'interval', Number.MAX_SAFE_INTEGER);
  const sums: { time: number; sum: number; points: number }[] = [];
  let omitted = 0;
  for await (const second of readSeconds(graph, floorTo(start, interval), ceilTo(end, interval))) {
    omitted += second.omitted;
    if (second.rows.length === 0) continue;
    const time = floorTo(second.second, interval);
    if (sums.at(-1)?.time !== time) sums.push({ time, sum: 0, points: 0 });
    // whoever asks for so many at once wants points
    if (sums.length > maxSums) return badParameter('interval').response;
    const last = sums.at(-1)!;
    for (const { amount } of second.rows) last.sum = finite(last.sum + Number(amount));
    last.points += second.rows.length;
  }
  const told = sums.map(({ time, sum, points }) => `{"time":${time},"sum":${numberText(sum)},"points":${points}}`);
  return withOmitted(jsonAnswer(`{${headOf(graph)},"interval":${interval},"sums":[${told.join(',')}]}`), omitted);
};

/** Name and token, or a session. @throws Refusal 401 */
async function authorize(call: Call, parts: Parts): Promise<Account> {
  const given = basicCredentials(call.headers.get('authorization'));
  const { accounts } = parts;
  if (given !== undefined) {
    const account = await accounts.byToken(given.username, given.token);
    if (account === undefined) throw new Refusal(unauthorized(texts.wrongCredentials));
    return account;
  }
  const session = await sessionOf(call, parts);
  if (session === undefined) throw new Refusal(unauthorized(texts.noToken));
  return session.account;
}

function unauthorized(text: string): Response {
  return textAnswer(401, text, { 'WWW-Authenticate': 'Basic realm="microlog"' });
}

/** Names may hold colons, tokens none: the last one parts them. */
function basicCredentials(header: string | null): { username: string; token: string } | undefined {
  const encoded = /^Basic +([\w+/=-]*)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  } catch {
    return { username: '', token: '' };
  }
  const colon = text.lastIndexOf(':');
  return { username: text.slice(0, Math.max(colon, 0)), token: text.slice(colon + 1) };
}

async function graphFor(call: Call, parts: Parts): Promise<Graph> {
  const account = await authorize(call, parts);
  const graph = await parts.graphs.findFor(account, call.part.id);
  if (graph === undefined) throw new Refusal(textAnswer(404, texts.graphNotFound));
  return graph;
}

function badParameter(name: string): Refusal {
  return new Refusal(textAnswer(400, texts.badParameter(name)));
}

function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw badParameter(name);
  return number;
}

/** A whole number from 1 on; one without an `otherwise` has to be there. */
function wholeIn(query: URLSearchParams, name: string, most: number, otherwise?: number): number {
  const number = numberIn(query, name, otherwise ?? Number.NaN);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw badParameter(name);
}

/** A point by its time and how many of the same time there are up to it: points only ever come behind those of the same time. */
interface Cursor {
  readonly time: number;
  readonly count: number;
}

function cursorIn(query: URLSearchParams): Cursor | undefined {
  const text = query.get('cursor');
  if (text === null) return undefined;
  const [, time, count] = /^(-?[\d.]+(?:e[+-]?\d+)?):(\d{1,15})$/.exec(text) ?? [];
  if (time === undefined || !Number.isFinite(Number(time))) throw badParameter('cursor');
  return { time: Number(time), count: Number(count) };
}

function isBehind({ time, count }: Cursor, cursor: Cursor): boolean {
  return time > cursor.time || (time === cursor.time && count > cursor.count);
}

function headOf({ id, name }: Graph): string {
  return `"graph":${JSON.stringify(id)},"name":${JSON.stringify(name)}`;
}

/** JSON knows no infinity. */
function finite(sum: number): number {
  return Math.min(Math.max(sum, -Number.MAX_VALUE), Number.MAX_VALUE);
}

/** Exact for every integer of 64 bits, and for minus zero. */
function numberText(number: number | bigint): string {
  if (Object.is(number, -0)) return '-0';
  const isLarge = Number.isInteger(number) && !Number.isSafeInteger(number) && Math.abs(number as number) < 2 ** 63;
  return String(isLarge ? BigInt(number) : number);
}

function withOmitted(response: Response, omitted: number): Response {
  if (omitted > 0) response.headers.set('Anyseries-Omitted', String(omitted));
  return response;
}

function floorTo(seconds: number, interval: number): number {
  return Math.floor(seconds / interval) * interval;
}

function ceilTo(seconds: number, interval: number): number {
  return Math.ceil(seconds / interval) * interval;
}
