import { AnySeriesError, isAnySeriesError, type SeriesRef } from '@anyseries/core';
import { httpSender, type Transport } from '@anyseries/core/http';
import { type Backend, type CallContext, compareCodePoints, type Verdict } from '@anyseries/core/provider';
import { type Service, seriesPath } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { readCsv } from '../wire/csv.ts';
import { encodeBatch } from '../wire/encode-batch.ts';
import { csvRow } from '../wire/encode-csv.ts';
import { readSeriesCsv } from './read.ts';
import type { SeriesIds } from './series-ids.ts';
import type { Turns } from './turns.ts';

type WriteMethods = Required<Pick<Backend, 'send' | 'delete' | 'putSeries'>>;

export interface WriterParts {
  readonly connection: Connection;
  readonly transport: Transport;
  readonly service: Service;
  readonly ids: SeriesIds;
  readonly turns: Turns;
}

/** So often a range is deleted anew when the series has changed meanwhile. */
const maxRewrites = 20;

/** Writing: always CSV with explicit times, never a single value, so that sending again changes nothing. */
export function createWriteMethods({ connection, transport, service, ids, turns }: WriterParts): WriteMethods {
  const { origin, prefix } = connection;
  const headers = { ...connection.headers, 'content-type': 'text/csv' };
  const post = httpSender({
    transport,
    encode: (batch) => ({
      method: 'POST',
      url: origin + prefix + seriesPath(idOf(batch.refs[0]!)),
      headers,
      body: encodeBatch(batch),
    }),
    async authorize(request) {
      const authorization = await service.authorizer.header({ method: request.method, url: request.url });
      return { ...request, headers: { ...request.headers, authorization } };
    },
  });

  return {
    async send(batch, attempt) {
      const ref = batch.refs[0]!;
      return turns.take(ref.key, async () => {
        try {
          const id = await ids.ensure(ref.key, attempt);
          ref.slot = id;
          const verdict = await post(batch, attempt);
          if (!isMissing(verdict)) return verdict;
          // if it was deleted since it was looked up, there is another one now
          await ids.forget(ref.key, id);
          ref.slot = await ids.ensure(ref.key, attempt);
          return ref.slot === id ? verdict : await post(batch, attempt);
        } catch (error) {
          if (attempt.signal.aborted || !isAnySeriesError(error)) throw error;
          return unsentVerdict(error);
        }
      });
    },

    async delete({ key, range }, context) {
      await turns.take(key, () => (range === undefined ? deleteSeries(key, context) : deleteRange(key, range, context)));
    },

    async putSeries({ key, name, attributes = {}, tags = [] }, context) {
      const json = { title: name ?? key, attributes, tags };
      for (let again = true; ; again = false) {
        const id = await ids.ensure(key, context);
        const request = { method: 'PUT', path: seriesPath(id, 'metadata/'), json, accept: [404, 405] } as const;
        const { status } = await service.send(request, context);
        const told = { attributes, tags: [...new Set(tags)].sort(compareCodePoints) };
        if (status < 300) return { key, id, ...(name === undefined || name === key ? {} : { name }), ...told };
        if (status === 405 || !again) throw new AnySeriesError('unsupported', 'this server changes no metadata once a series is there');
        // it may have been deleted meanwhile
        await ids.forget(key, id);
      }
    },
  };

  async function deleteSeries(key: string, context: CallContext): Promise<void> {
    const id = await ids.find(key, context);
    if (id === undefined) return;
    await service.send({ method: 'DELETE', path: seriesPath(id), accept: [404] }, context);
    await ids.forget(key, id);
  }

  /**
   * Reads all, leaves out the range and puts the rest back: the service has no other way. A server that tags what it answers refuses the rest where
   * the series has changed since, and it is done again; where there is no such tag, what others write in between is lost.
   */
  async function deleteRange(key: string, range: { readonly start: number; readonly end: number }, context: CallContext): Promise<void> {
    for (let i = 0; i < maxRewrites; i++) {
      const found = await readSeriesCsv(service, ids, key, context);
      if (found === undefined) return;
      const { rest, removed } = without(found.text, range);
      if (removed === 0) return;
      const request = { method: 'PUT', path: seriesPath(found.id), csv: rest, accept: [404, 412] } as const;
      const guard = found.tag === undefined ? {} : { headers: { 'if-match': found.tag } };
      const { status } = await service.send({ ...request, ...guard }, context);
      if (status !== 412) return;
    }
    throw new AnySeriesError('conflict', `the series changes all the time: the range was not deleted in ${maxRewrites} attempts`, {
      retryable: true,
    });
  }
}

function idOf({ slot }: SeriesRef): string {
  return slot as string;
}

function isMissing(verdict: Verdict): boolean {
  return verdict.kind === 'blocked' && verdict.error.code === 'not-found';
}

/** Looking for the series, or making it, has failed: no point was sent. */
function unsentVerdict(error: AnySeriesError): Verdict {
  if (error.retryable) return { kind: 'retry', ambiguous: false, retryAfterMs: error.retryAfterMs, error };
  if (error.code === 'invalid') return { kind: 'bad-batch', error };
  return { kind: 'blocked', why: error.code === 'unauthenticated' || error.code === 'forbidden' ? 'auth' : 'config', error };
}

/** The rows outside a range, those without a value as well. */
function without(text: string, { start, end }: { readonly start: number; readonly end: number }): { rest: string; removed: number } {
  let rest = '';
  let removed = 0;
  readCsv(text, (time, value) => {
    if (time === start || (time > start && time < end)) removed++;
    else rest += csvRow(time, value);
  });
  return { rest, removed };
}
