import { isAnySeriesError, type PointBatch, type SeriesRef, type Value, valueAt } from '@anyseries/core';
import { classifyFailure, classifyResponse, type Transport, type TransportResponse } from '@anyseries/core/http';
import type { Attempt, Backend, RejectedRow, Verdict } from '@anyseries/core/provider';
import { type Exchange, errorOf, faultOf } from '../exchange.ts';
import { addressOf, isStreamName, keyOf } from '../series-address.ts';
import type { Connection } from '../settings.ts';
import { faultCodes, parseFault } from '../wire/fault.ts';
import { encodeImport, seriesPrefix } from '../wire/import-batch.ts';

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
  readonly prefix: string;
  readonly problem?: string;
}

/** The points of one series in a batch. */
interface Part extends Target {
  readonly rows: number[];
}

/** Sends batches. A request has the points of one device, so a batch of several devices is several requests. */
export function createSender({ connection, exchange, transport, home, registerDevices }: SenderOptions): NonNullable<Backend['send']> {
  const url = `${connection.origin}${connection.prefix}/v1/imports`;
  const targets = new WeakMap<SeriesRef, Target>();
  /** Failures that came before any point was sent. */
  const early = new WeakSet<object>();

  return async (batch, attempt) => {
    const parts = split(batch);
    const refused = parts.filter(({ problem }) => problem !== undefined);
    if (refused.length > 0) return refuse(refused, without(parts, refused));
    const stored: Part[] = [];
    for (const [device, own] of Map.groupBy(parts, (part) => part.device)) {
      const verdict = await sendTo(device, own, batch, attempt);
      if (verdict.kind !== 'ok') return amongOthers(verdict, own, without(parts, [...stored, ...own]), stored.length > 0);
      stored.push(...own);
    }
    return { kind: 'ok', outcome: 'stored' };
  };

  function split({ refs, series, length }: PointBatch): Part[] {
    const parts = refs.map((ref): Part => ({ ...targetOf(ref), rows: [] }));
    for (let row = 0; row < length; row++) parts[series[row]!]!.rows.push(row);
    return parts;
  }

  function targetOf(ref: SeriesRef): Target {
    let target = targets.get(ref);
    if (target === undefined) {
      target = resolveTarget(ref.key, home);
      targets.set(ref, target);
    }
    return target;
  }

  async function sendTo(device: string, parts: readonly Part[], batch: PointBatch, attempt: Attempt): Promise<Verdict> {
    try {
      const body = encodeImport(project(), device, parts, batch);
      let response = await post(body, attempt);
      if (registerDevices && isUnknownDevice(response)) {
        await register(device, attempt).catch(fail);
        response = await post(body, attempt);
      }
      return classify(response, parts, batch, attempt);
    } catch (failure) {
      return early.has(failure as object) ? verdictOfEarly(failure, attempt) : classifyFailure(failure);
    }
  }

  async function post(body: string, attempt: Attempt): Promise<TransportResponse> {
    const token = await exchange.tokens.current('write').catch(fail);
    const response = await postWith(token, body, attempt);
    if (response.status !== 401) return response;
    const renewed = await exchange.tokens.renew('write', token).catch(fail);
    return renewed === undefined ? response : postWith(renewed, body, attempt);
  }

  function postWith(token: string, body: string, attempt: Attempt): Promise<TransportResponse> {
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
      return connection.projectId('write');
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

function without(parts: readonly Part[], others: readonly Part[]): Part[] {
  return parts.filter((part) => !others.includes(part));
}

function rowsOf(parts: readonly Part[]): number[] {
  return parts.flatMap(({ rows }) => rows).sort((a, b) => a - b);
}

function refuse(refused: readonly Part[], others: readonly Part[]): Verdict {
  const rejected = refused.flatMap(({ rows, problem }) =>
    rows.map((index): RejectedRow => ({ index, code: 'invalid', message: problem! })),
  );
  return { kind: 'items', outcome: 'stored', rejected, keep: rowsOf(others) };
}

/**
 * What a verdict on the points of one device says of a batch with `others` that were not sent yet. Once a device has its points, a failure of the
 * next is met again when the rest is sent.
 */
function amongOthers(verdict: Verdict, own: readonly Part[], others: readonly Part[], hasStored: boolean): Verdict {
  switch (verdict.kind) {
    case 'items':
      return { ...verdict, keep: [...(verdict.keep ?? []), ...rowsOf(others)] };
    case 'bad-batch': {
      const { code, message } = verdict.error;
      return { kind: 'items', outcome: 'stored', rejected: rowsOf(own).map((index) => ({ index, code, message })), keep: rowsOf(others) };
    }
    default:
      return hasStored ? { kind: 'items', outcome: 'stored', rejected: [], keep: rowsOf([...own, ...others]) } : verdict;
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
function classify(response: TransportResponse, parts: readonly Part[], batch: PointBatch, { clock }: Attempt): Verdict {
  const verdict = classifyResponse(response, 'stored', clock.now());
  if (!('error' in verdict)) return verdict;
  const error = errorOf(response.status, response.text());
  const bad = verdict.kind === 'bad-batch' ? blamedRows(response, parts, batch) : [];
  if (bad.length === 0) return { ...verdict, error };
  const blamed = new Set(bad);
  const { code, message } = error;
  return {
    kind: 'items',
    outcome: 'stored',
    rejected: bad.map((index) => ({ index, code, message })),
    keep: rowsOf(parts).filter((row) => !blamed.has(row)),
  };
}

const typePattern = /^(.*) is (LONG|DOUBLE|BOOLEAN|STRING)$/s;

function blamedRows(response: TransportResponse, parts: readonly Part[], batch: PointBatch): number[] {
  const { code, details = '' } = parseFault(response.status, response.text()) ?? {};
  const [, typed, type] = typePattern.exec(details) ?? [];
  const name = code === faultCodes.typeConflict ? typed : details;
  const rows = rowsOf(parts.filter((part) => part.name.toLowerCase() === name?.toLowerCase()));
  if (code !== faultCodes.typeConflict) return rows;
  const conflicting = rows.filter((row) => !fits(valueAt(batch, row), type));
  return conflicting.length > 0 ? conflicting : rows;
}

function fits(value: Value, type: string | undefined): boolean {
  if (type === 'BOOLEAN' || type === 'STRING') return typeof value === type.toLowerCase();
  return typeof value === 'number' || typeof value === 'bigint';
}
