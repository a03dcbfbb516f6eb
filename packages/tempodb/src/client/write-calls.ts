import { AnySeriesError } from '@anyseries/core';
import { type HttpResponse, readJson, statusError } from '@anyseries/core/http';
import { type CallContext, checkObject, invalid, show, toInteger } from '@anyseries/core/provider';
import type { TempoDBClient } from '../client.ts';
import { multiStatusAnswer } from '../wire/answers.ts';
import { searchOf } from '../wire/search.ts';
import { encodeValue } from '../wire/value.ts';
import { type Call, sendTo } from './call.ts';
import { addressOf, timeText } from './fields.ts';
import type { ElementStatus, SeriesAddress } from './model.ts';
import type { Address, Service } from './service.ts';

type WriteCalls = Pick<
  TempoDBClient,
  'write' | 'writeBulk' | 'writeMulti' | 'increment' | 'incrementBulk' | 'incrementMulti' | 'deletePoints'
>;

/** The calls that change points (sections 5.6 to 5.9 and 5.11). */
export function createWriteCalls(call: Call): WriteCalls {
  async function sendPoints(series: SeriesAddress, resource: string, points: unknown, options: unknown): Promise<void> {
    const address = addressOf(series);
    const { body, isTimed } = encodePoints(points, 'points');
    const request = { method: 'POST', body, idempotent: isTimed && resource === 'data/' } as const;
    await call(options, async (service, context) => {
      await makeAddressable(service, address, context);
      const { status } = await sendTo(service, address, resource, request, context);
      if (status !== 200) throw statusError(status, '');
    });
  }

  /** Elements have an outcome each: 200 says that all is well, 207 tells them one by one. */
  function sendElements(resource: string, body: string, count: number, idempotent: boolean, options: unknown) {
    return call(options, async (service, context) =>
      statusesOf(await service.send(resource, { method: 'POST', body, idempotent }, context), count),
    );
  }

  async function sendBulk(resource: string, time: unknown, values: unknown, options: unknown): Promise<readonly ElementStatus[]> {
    const { body, count } = encodePoints(values, 'values');
    const t = time === undefined ? '' : `"t":${JSON.stringify(timeText(time, 'time'))},`;
    return sendElements(resource, `{${t}"data":${body}}`, count, t !== '' && resource === '/data/', options);
  }

  async function sendMulti(resource: string, points: unknown, options: unknown): Promise<readonly ElementStatus[]> {
    const { body, count, isTimed } = encodePoints(points, 'points');
    return sendElements(resource, body, count, isTimed && resource === '/multi/', options);
  }

  return {
    write: async (series, points, options) => sendPoints(series, 'data/', points, options),
    writeBulk: async (time, values, options) => sendBulk('/data/', time, values, options),
    writeMulti: async (points, options) => sendMulti('/multi/', points, options),
    increment: async (series, points, options) => sendPoints(series, 'increment/', points, options),
    incrementBulk: async (time, values, options) => sendBulk('/increment/', time, values, options),
    incrementMulti: async (points, options) => sendMulti('/multi/increment/', points, options),
    deletePoints: async (series, range, options) => {
      const address = addressOf(series);
      const { start, end } = checkObject(range, ['start', 'end'], 'range');
      const search = searchOf({ start: timeText(start, 'range.start'), end: timeText(end, 'range.end') });
      await call(options, (service, context) => sendTo(service, address, 'data/', { method: 'DELETE', search }, context));
    },
  };
}

/** `.` and `..` cannot stand in a path: a series with such a key is made before it is written to, so that it has an id to be addressed by. */
async function makeAddressable(service: Service, address: Address, context: CallContext): Promise<void> {
  if ('id' in address || !/^\.\.?$/.test(address.key)) return;
  const body = JSON.stringify({ key: address.key });
  await service.send('/series/', { method: 'POST', body, idempotent: true, accept: [409] }, context);
}

/** Points as JSON. Fields that are missing stay missing: what that means is for the service to say. */
function encodePoints(points: unknown, field: string): { readonly body: string; readonly count: number; readonly isTimed: boolean } {
  if (!Array.isArray(points)) throw invalid(field, `${show(points)} is no array`);
  let isTimed = true;
  const elements = points.map((point: unknown, index) => {
    const place = `${field}[${index}]`;
    if (typeof point !== 'object' || point === null) throw invalid(place, `${show(point)} is no point`);
    const { t, id, key, v } = point as Readonly<Record<string, unknown>>;
    isTimed &&= t !== undefined;
    const fields = [
      t === undefined ? '' : `"t":${JSON.stringify(timeText(t, `${place}.t`))}`,
      id === undefined ? '' : `"id":${JSON.stringify(id)}`,
      key === undefined ? '' : `"key":${JSON.stringify(key)}`,
      v === undefined ? '' : `"v":${numberText(v, `${place}.v`)}`,
    ];
    return `{${fields.filter((text) => text !== '').join(',')}}`;
  });
  return { body: `[${elements.join(',')}]`, count: elements.length, isTimed };
}

function numberText(value: unknown, field: string): string {
  if (typeof value === 'bigint') return encodeValue(toInteger(value, field));
  if (typeof value === 'number' && Number.isFinite(value)) return encodeValue(value);
  throw invalid(field, `${show(value)} is no number that can be kept`);
}

async function statusesOf(response: HttpResponse, count: number): Promise<readonly ElementStatus[]> {
  if (response.status === 200) return Array.from({ length: count }, () => ({ status: 200, messages: [] }));
  if (response.status !== 207) throw statusError(response.status, await response.text());
  const { multistatus } = await readJson(response, multiStatusAnswer);
  if (multistatus.length === count) return multistatus;
  throw new AnySeriesError('protocol', `the answer (status 207) tells of ${multistatus.length} elements, ${count} were sent`);
}
