import { isAnySeriesError, type PointBatch, type SeriesRef, type Value, valueAt } from '@anyseries/core';
import { classifyFailure, classifyResponse, type Transport, type TransportResponse } from '@anyseries/core/http';
import type { Attempt, Backend, RejectedRow, Verdict } from '@anyseries/core/provider';
import { type Exchange, errorOf } from '../exchange.ts';
import { addressOf, isStreamName, keyOf } from '../series-address.ts';
import type { Connection } from '../settings.ts';
import { faultCodes, faultOf, parseFault } from '../wire/fault.ts';
import { encodeImport, type SortedBatch, seriesPrefix, sortBySeries } from '../wire/import-batch.ts';

export interface SenderOptions {
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly transport: Transport;
  /** The device of keys that name none. */
  readonly home: string;
  readonly registerDevices: boolean;
}

/** A series as it is sent; `problem`: why it cannot be. */
interface Target {
  readonly device: string;
  readonly name: string;
  readonly prefix: Uint8Array;
  readonly problem?: string;
}

/** A batch under way. Its series are told by their places in it. */
interface Outgoing extends SortedBatch {
  readonly targets: readonly Target[];
}

/** Sends batches. A request has the points of one device, so a batch of several devices is several requests. */
export function createSender({ connection, exchange, transport, home, registerDevices }: SenderOptions): NonNullable<Backend['send']> {
  const url = `${connection.origin}${connection.prefix}/v1/imports`;
  let projectId: number | undefined;
  /** Failures that came before any point was sent. */
  const early = new WeakSet<object>();

  return async (batch, attempt) => {
    const targets = batch.refs.map(targetOf);
    const outgoing = { ...sortBySeries(batch), targets };
    const places = Array.from(targets.keys());
    const refused = places.filter((place) => targets[place]!.problem !== undefined);
    if (refused.length > 0) return refuse(outgoing, refused, without(places, refused));
    let left = places;
    for (const [device, own] of Map.groupBy(places, (place) => targets[place]!.device)) {
      const verdict = await sendTo(device, own, outgoing, attempt);
      const isFirst = left === places;
      left = without(left, own);
      if (verdict.kind !== 'ok') return amongOthers(verdict, batch, { own, left, isFirst });
    }
    return { kind: 'ok', outcome: 'stored' };
  };

  function targetOf(ref: SeriesRef): Target {
    ref.slot ??= resolveTarget(ref.key, home);
    return ref.slot as Target;
  }

  async function sendTo(deviceId: string, places: readonly number[], outgoing: Outgoing, attempt: Attempt): Promise<Verdict> {
    try {
      const body = encodeImport({ projectId: project(), deviceId, series: outgoing.targets }, outgoing, places);
      let response = await post(body, attempt);
      if (registerDevices && isUnknownDevice(response)) {
        await register(deviceId, attempt).catch(fail);
        response = await post(body, attempt);
      }
      return classify(response, outgoing, places, attempt);
    } catch (failure) {
      return early.has(failure as object) ? verdictOfEarly(failure, attempt) : classifyFailure(failure);
    }
  }

  async function post(body: Uint8Array<ArrayBuffer>, attempt: Attempt): Promise<TransportResponse> {
    const token = await exchange.tokens.current('write').catch(fail);
    const response = await postWith(token, body, attempt);
    if (response.status !== 401) return response;
    const renewed = await exchange.tokens.renew('write', token).catch(fail);
    return renewed === undefined ? response : postWith(renewed, body, attempt);
  }

  function postWith(token: string, body: Uint8Array<ArrayBuffer>, attempt: Attempt): Promise<TransportResponse> {
    const headers = { ...connection.headers, 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return transport.send({ method: 'POST', url, headers, body }, attempt);
  }

  async function register(device: string, attempt: Attempt): Promise<void> {
    const json = { project_id: project(), device_id: device };
    await exchange.request({ method: 'POST', path: '/v1/devices', json, idempotent: true }, 'write', attempt).catch((error: unknown) => {
      if (faultOf(error)?.code !== faultCodes.duplicateId) throw error;
    });
  }

  function project(): number {
    try {
      projectId ??= connection.projectId('write');
      return projectId;
    } catch (error) {
      return fail(error);
    }
  }

  function fail(error: unknown): never {
    if (typeof error === 'object' && error !== null) early.add(error);
    throw error;
  }
}

/** Where a series goes, if this protocol can name it. */
function resolveTarget(key: string, home: string): Target {
  const { device, name } = addressOf(key, home);
  const target = { device, name, prefix: seriesPrefix(name) };
  if (!isStreamName(name)) return { ...target, problem: `series: ${JSON.stringify(name)} is reserved by the service` };
  try {
    keyOf({ device, name }, home);
    return target;
  } catch (error) {
    return { ...target, problem: `series: ${(error as Error).message}` };
  }
}

function without(places: readonly number[], others: readonly number[]): number[] {
  const gone = new Set(others);
  return places.filter((place) => !gone.has(place));
}

/** The rows of the batch that the series at these places have, in its order. */
function rowsOf({ length, series }: PointBatch, places: readonly number[]): number[] {
  const wanted = new Set(places);
  const rows: number[] = [];
  for (let row = 0; row < length; row++) {
    if (wanted.has(series[row]!)) rows.push(row);
  }
  return rows;
}

function refuse({ batch, targets }: Outgoing, refused: readonly number[], others: readonly number[]): Verdict {
  const rejected = rowsOf(batch, refused).map((index): RejectedRow => {
    return { index, code: 'invalid', message: targets[batch.series[index]!]!.problem! };
  });
  return { kind: 'items', outcome: 'stored', rejected, keep: rowsOf(batch, others) };
}

/** The places of the device that was just sent to, and of those that come after it. */
interface Progress {
  readonly own: readonly number[];
  readonly left: readonly number[];
  readonly isFirst: boolean;
}

/**
 * What a verdict on the points of one device says of the whole batch. Once a device has its points, a failure of the next is met again when the
 * rest is sent.
 */
function amongOthers(verdict: Verdict, batch: PointBatch, { own, left, isFirst }: Progress): Verdict {
  switch (verdict.kind) {
    case 'items':
      return { ...verdict, keep: [...(verdict.keep ?? []), ...rowsOf(batch, left)] };
    case 'bad-batch': {
      const { code, message } = verdict.error;
      const rejected = rowsOf(batch, own).map((index) => ({ index, code, message }));
      return { kind: 'items', outcome: 'stored', rejected, keep: rowsOf(batch, left) };
    }
    default:
      return isFirst ? verdict : { kind: 'items', outcome: 'stored', rejected: [], keep: rowsOf(batch, [...own, ...left]) };
  }
}

/** Nothing was sent: sending again is safe where the failure passes. */
function verdictOfEarly(failure: unknown, { signal }: Attempt): Verdict {
  if (!isAnySeriesError(failure) || signal.aborted) throw failure;
  if (failure.retryable) return { kind: 'retry', ambiguous: false, error: failure };
  const why = failure.code === 'unauthenticated' || failure.code === 'forbidden' ? 'auth' : 'config';
  return { kind: 'blocked', why, error: failure };
}

function isUnknownDevice(response: TransportResponse): boolean {
  return response.status === 404 && parseFault(404, response.text())?.code === faultCodes.notFound;
}

/** A refusal that names a series costs the points of that series which it is about; any other, all points of the request (section 4.1). */
function classify(response: TransportResponse, outgoing: Outgoing, places: readonly number[], { clock }: Attempt): Verdict {
  const verdict = classifyResponse(response, 'stored', clock.now());
  if (!('error' in verdict)) return verdict;
  const error = errorOf(response.status, response.text());
  const bad = verdict.kind === 'bad-batch' ? blamedRows(response, outgoing, places) : [];
  if (bad.length === 0) return { ...verdict, error };
  const blamed = new Set(bad);
  const { code, message } = error;
  return {
    kind: 'items',
    outcome: 'stored',
    rejected: bad.map((index) => ({ index, code, message })),
    keep: rowsOf(outgoing.batch, places).filter((row) => !blamed.has(row)),
  };
}

const typePattern = /^(.*) is (LONG|DOUBLE|BOOLEAN|STRING)$/s;

function blamedRows(response: TransportResponse, { batch, targets }: Outgoing, places: readonly number[]): number[] {
  const { code, details = '' } = parseFault(response.status, response.text()) ?? {};
  const [, typed, type] = typePattern.exec(details) ?? [];
  const name = code === faultCodes.typeConflict ? typed : details;
  const named = places.filter((place) => targets[place]!.name.toLowerCase() === name?.toLowerCase());
  const rows = rowsOf(batch, named);
  if (code !== faultCodes.typeConflict) return rows;
  const conflicting = rows.filter((row) => !fits(valueAt(batch, row), type));
  return conflicting.length > 0 ? conflicting : rows;
}

function fits(value: Value, type: string | undefined): boolean {
  if (type === 'BOOLEAN' || type === 'STRING') return typeof value === type.toLowerCase();
  return typeof value === 'number' || typeof value === 'bigint';
}
