import { AnySeriesError, type ErrorCode } from '@anyseries/core';
import { classifyResponse, httpSender, parseJson, statusError, type Transport } from '@anyseries/core/http';
import type { Backend, Verdict, WriteOperation } from '@anyseries/core/provider';
import { basicAuthorization } from '../auth.ts';
import { refusal } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { multiStatusAnswer } from '../wire/answers.ts';
import { encodeBatch } from '../wire/encode-batch.ts';

/** Batches go as multi writes and multi increments: many series, many instants, a status for each point (sections 5.8 and 5.9). */
export function createSender(connection: Connection, transport: Transport): NonNullable<Backend['send']> {
  const { origin, prefix, credentials } = connection;
  const headers = { ...connection.headers, authorization: basicAuthorization(credentials), 'content-type': 'application/json' };
  const write = `${origin}${prefix}/v1/multi/`;
  const increment = `${write}increment/`;
  return httpSender({
    transport,
    encode: (batch, { operation }) => ({
      method: 'POST',
      url: operation === 'increment' ? increment : write,
      headers,
      body: encodeBatch(batch),
    }),
    classify: (response, batch, { operation, clock }) => {
      if (response.status === 207) return elementVerdict(response.text(), batch.length, operation);
      if (response.status === 403) return { kind: 'blocked', why: 'auth', error: refusal(response.text()) };
      return classifyResponse(response, 'stored', clock.now());
    },
  });
}

/** The verdict of a 207: a status for each point, in order. */
function elementVerdict(text: string, length: number, operation: WriteOperation): Verdict {
  const statuses = readStatuses(text);
  if (statuses?.length !== length) {
    const error = new AnySeriesError('protocol', 'the answer (status 207) has no status for each point that was sent');
    return { kind: 'retry', ambiguous: true, error };
  }
  const rejected = statuses.flatMap(({ status, messages }, index) =>
    status === 200 ? [] : [{ index, code: codeOf(status, operation), message: messages.join('; ') || `status ${status}` }],
  );
  return { kind: 'items', outcome: 'stored', rejected };
}

/** An amount that gets here is right by itself: where it is not acceptable, it does not go with what is stored. */
function codeOf(status: number, operation: WriteOperation): ErrorCode {
  return operation === 'increment' && status === 422 ? 'conflict' : statusError(status, '').code;
}

function readStatuses(text: string) {
  try {
    return multiStatusAnswer.parse(parseJson(text)).multistatus;
  } catch {
    return undefined;
  }
}
