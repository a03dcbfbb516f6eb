import type { Clock } from '../clock.ts';
import type { Delivery } from '../write/delivery.ts';
import { type Failed, sendOnce } from '../write/send.ts';
import type { Verdict } from '../write/verdict.ts';
import type { Piece } from './batch.ts';
import type { Metrics } from './metrics.ts';
import type { Span, Tracer, WriterEvent } from './telemetry.ts';

export interface AttemptParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer: Tracer | undefined;
  readonly signal: AbortSignal;
  now(): number;
  publish(event: WriterEvent, message: () => object): void;
}

/** Sends a piece once, watched. Never rejects. */
export async function attempt(piece: Piece, road: Delivery, parts: AttemptParts): Promise<Verdict | Failed> {
  const { clock, metrics, tracer, signal, now, publish } = parts;
  const { batch, idempotencyKey } = piece;
  piece.attempts++;
  const number = piece.attempts;
  const span = tracer?.startSpan('anyseries.send', { attributes: { points: batch.length, attempt: number } });
  const begun = now();
  const sent = await sendOnce(batch, road, { operation: 'write', idempotencyKey, signal, clock });
  const { status, rawBytes = 0, wireBytes = 0 } = sent.exchange ?? {};
  metrics.request(status);
  metrics.add('rawBytes', rawBytes);
  metrics.add('wireBytes', wireBytes);
  metrics.record('attemptTime', now() - begun);
  metrics.record('batchPoints', batch.length);
  publish('attempt', () => ({ points: batch.length, attempt: number, verdict: sent.kind, status, rawBytes, wireBytes, ms: now() - begun }));
  if (span !== undefined) endSpan(span, sent);
  return sent;
}

/** `SpanStatusCode.ERROR` of OpenTelemetry. */
const spanError = 2;

function endSpan(span: Span, sent: Verdict | Failed): void {
  span.setAttribute('verdict', sent.kind);
  if (sent.exchange?.status !== undefined) span.setAttribute('http.response.status_code', sent.exchange.status);
  if ('error' in sent) span.setStatus({ code: spanError, message: sent.error.message });
  span.end();
}
