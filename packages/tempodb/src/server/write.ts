import { isAnySeriesError, type PointBatch } from '@anyseries/core';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { isName, type PointChange } from './directory.ts';
import type { Exchange, Handler } from './exchange.ts';
import { createNaming, type Fault, idsOf, readPoints, toTime } from './points.ts';
import { Refusal } from './refusal.ts';

/** What is done with points. */
type Apply = (change: PointChange, batch: PointBatch) => void;

const write: Apply = (change, batch) => change.write(batch);
/** Counters are whole (section 5.9). */
const increment: Apply = (change, batch) => change.increment(batch, { truncate: true });

/** Section 5.6. */
export const writeSeries = changeSeries(write);
/** Section 5.7. */
export const writeBulk = changeBulk(write);
/** Section 5.8. */
export const writeMulti = changeMulti(write);
/** Section 5.9. */
export const incrementSeries = changeSeries(increment);
export const incrementBulk = changeBulk(increment);
export const incrementMulti = changeMulti(increment);

const conflict: Fault = { status: '422', messages: ['The stored value cannot be incremented by that much'] };

/** All points of one series, or none. */
function changeSeries(apply: Apply): Handler {
  return async ({ body, address: { by, name }, directory, now }) => {
    const elements = await body();
    if (name === undefined || !isName(name)) throw new Refusal(403);
    const work = async (change: PointChange) => {
      const key = by === 'key' ? name : (await change.keysOf(new Set([name]))).get(name);
      if (key === undefined) throw new Refusal(403);
      const batch = readAll(elements, key, now);
      await change.ensure([key]);
      if (batch.length > 0) apply(change, batch);
    };
    await directory.change(work).catch((error) => {
      throw isConflict(error) ? new Refusal(422, conflict.messages[0]) : error;
    });
    return emptyAnswer();
  };
}

/** @throws Refusal 422 where one of the elements is no point */
function readAll(elements: unknown, key: string, now: number): PointBatch {
  if (!Array.isArray(elements)) throw new Refusal(422, 'Must provide a list of points');
  const ref = { key, slot: undefined };
  const { batch, faults } = readPoints({ elements, now, seriesOf: () => ref });
  for (const [index, { messages }] of faults) throw new Refusal(422, `${messages.join(', ')} (point ${index})`);
  return batch;
}

/** One time for many series. */
function changeBulk(apply: Apply): Handler {
  return async (exchange) => {
    const body = (await exchange.body()) ?? {};
    const { t, data } = body as { readonly t?: unknown; readonly data?: unknown };
    const time = toTime(t, exchange.now);
    if (!Array.isArray(data)) throw new Refusal(422, 'Must provide a list of data');
    if (time === undefined) throw new Refusal(400, 'Invalid t');
    return changeElements(exchange, apply, data, time);
  };
}

function changeMulti(apply: Apply): Handler {
  return async (exchange) => {
    const elements = await exchange.body();
    if (!Array.isArray(elements)) throw new Refusal(422, 'Must provide a list of points');
    return changeElements(exchange, apply, elements);
  };
}

/** Each point on its own: the good ones are stored together, and the answer tells the others if there are any. */
async function changeElements({ directory, now }: Exchange, apply: Apply, elements: readonly unknown[], time?: number): Promise<Response> {
  const refused = new Map<number, Fault>();
  let rows: readonly number[] = [];

  async function work(change: PointChange): Promise<ReadonlyMap<number, Fault>> {
    const seriesOf = createNaming(await change.keysOf(idsOf(elements)));
    const { batch, indices, faults } = readPoints({ elements, now, time, seriesOf, refused });
    rows = indices;
    await change.ensure(batch.refs.map(({ key }) => key));
    if (batch.length > 0) apply(change, batch);
    return faults;
  }

  while (true) {
    try {
      return multiStatus(elements.length, await directory.change(work));
    } catch (error) {
      if (!isConflict(error)) throw error;
      for (const row of error.indices) refused.set(rows[row]!, conflict);
    }
  }
}

/** Whether points could not be added to what is stored. */
function isConflict(error: unknown): error is { readonly indices: readonly number[] } {
  return isAnySeriesError(error) && error.code === 'conflict' && error.indices !== undefined;
}

function multiStatus(length: number, faults: ReadonlyMap<number, Fault>): Response {
  if (faults.size === 0) return emptyAnswer();
  const stored = { status: '200', messages: [] };
  const multistatus = Array.from({ length }, (_, index) => faults.get(index) ?? stored);
  return jsonAnswer(JSON.stringify({ multistatus }), { status: 207 });
}
