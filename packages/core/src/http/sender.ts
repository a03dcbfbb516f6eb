import type { Attempt, Backend } from '../backend.ts';
import { platform } from '../platform.ts';
import type { PointBatch } from '../point-batch.ts';
import { byteLength } from '../series-key.ts';
import type { Transport, TransportRequest, TransportResponse } from '../transport/transport.ts';
import { classifyFailure, classifyResponse } from '../write/classify.ts';
import type { Verdict } from '../write/verdict.ts';

/** A request without its credentials. `url` is absolute. */
export type EncodedRequest = TransportRequest;

export interface HttpSenderDefinition {
  readonly transport: Transport;
  /** Turns a batch into a request; called anew for each attempt, with the same result. */
  encode(batch: PointBatch, attempt: Attempt): EncodedRequest;
  /** Adds the credentials. With `refresh`, after a 401, it gets new ones first. */
  authorize?(request: EncodedRequest, attempt: Attempt, refresh: boolean): EncodedRequest | Promise<EncodedRequest>;
  /** Whether `authorize` can get new credentials. Default false. */
  readonly refreshable?: boolean;
  /** Reads the answer; default `classifyResponse`. */
  classify?(response: TransportResponse, batch: PointBatch, attempt: Attempt): Verdict;
  /** What a 2xx proves; default `stored`. */
  readonly outcome?: 'stored' | 'unconfirmed';
}

/** `send` of a backend that writes by HTTP: encode, authorise, send, classify; after a 401 once more with new credentials. */
export function httpSender(definition: HttpSenderDefinition): NonNullable<Backend['send']> {
  const { transport, encode, authorize = (request) => request, refreshable = false, outcome = 'stored' } = definition;
  const classify = definition.classify ?? ((response, _, { clock }) => classifyResponse(response, outcome, clock.now()));

  return async (batch, attempt) => {
    const request = encode(batch, attempt);
    let bytes = 0;

    async function sendAuthorized(refresh: boolean): Promise<TransportResponse> {
      const authorized = await authorize(request, attempt, refresh);
      bytes = bodyBytes(authorized);
      return transport.send(authorized, attempt);
    }

    try {
      let response = await sendAuthorized(false);
      if (response.status === 401 && refreshable) response = await sendAuthorized(true);
      const verdict = classify(response, batch, attempt);
      return { ...verdict, exchange: { status: response.status, rawBytes: bytes, wireBytes: bytes, ...verdict.exchange } };
    } catch (failure) {
      return { ...classifyFailure(failure), exchange: { rawBytes: bytes, wireBytes: bytes } };
    }
  };
}

function bodyBytes({ body }: EncodedRequest): number {
  if (body === undefined) return 0;
  if (typeof body !== 'string') return body.byteLength;
  // Node counts without making a copy
  return platform.Buffer?.byteLength(body) ?? byteLength(body);
}
