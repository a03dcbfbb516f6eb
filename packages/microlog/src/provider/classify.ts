import { AnySeriesError, type PointBatch } from '@anyseries/core';
import { classifyResponse, parseJson, statusError, type TransportResponse } from '@anyseries/core/http';
import type { RejectedRow, Verdict } from '@anyseries/core/provider';
import { texts, writeAnswer } from '../wire/answers.ts';

/**
 * What an answer to a write says of its batch ("What the TypeScript client should do", point 7 of the protocol document). The service calls every
 * text HTML, and tells apart by words what others tell by statuses. Everything else is classified as usual.
 */
export function classifyAnswer(response: TransportResponse, batch: PointBatch, now: number): Verdict {
  const { status } = response;
  const said = response.text();
  if (/^application\/json\b/i.test(response.header('content-type') ?? '') && (status === 200 || status === 404))
    return datasetVerdict(said, batch);
  if (status === 200 && said === texts.allGood) return { kind: 'ok', outcome: 'unconfirmed' };
  // the service says so before it has looked at anything
  if (status === 500 && said === texts.noDatabase) return { kind: 'retry', ambiguous: false, error: statusError(500, said) };
  if (isErrorOfRequest(status, said)) return { kind: 'refused', error: statusError(status, said) };
  if (status >= 300 && status < 400) return { kind: 'blocked', why: 'config', error: redirected(status) };
  return classifyResponse(response, 'unconfirmed', now);
}

/** Answers that the same request would get again: the mistake is in the request itself. */
function isErrorOfRequest(status: number, said: string): boolean {
  if (status === 404) return said === texts.graphNotFound;
  // an error page of the service; one of a proxy looks otherwise, and says nothing of the request
  if (status === 500) return /<h1>[^<]*<\/h1><h2>/.test(said);
  return status === 400 || status === 409 || status === 415;
}

function redirected(status: number): AnySeriesError {
  return new AnySeriesError('not-found', `status ${status}: a redirect is no answer to a write; check the setting 'url'`);
}

/** EXTENSION result/1: what became of each dataset; they come in the order of the series of the batch. */
function datasetVerdict(said: string, batch: PointBatch): Verdict {
  const datasets = readDatasets(said);
  if (datasets?.length !== batch.refs.length) {
    const error = new AnySeriesError('protocol', 'the answer does not tell what became of each dataset that was sent');
    return { kind: 'retry', ambiguous: true, error };
  }
  const rejected: RejectedRow[] = [];
  const places = batch.refs.map(() => 0);
  const dropped = datasets.map((dataset) => new Set(dataset.dropped));
  for (let index = 0; index < batch.length; index++) {
    const series = batch.series[index]!;
    const refusal = refusals[datasets[series]!.error ?? (dropped[series]!.has(places[series]!++) ? 'dropped' : 'none')];
    if (refusal !== undefined) rejected.push({ index, ...refusal });
  }
  return { kind: 'items', outcome: 'stored', rejected };
}

const refusals = {
  unknown_graph: { code: 'not-found', message: 'the account has no such graph' },
  bad_dataset: { code: 'invalid', message: 'the service refuses the dataset' },
  dropped: { code: 'conflict', message: 'what the series holds at this time cannot be added to' },
  none: undefined,
} as const;

function readDatasets(said: string) {
  try {
    return writeAnswer.parse(parseJson(said)).datasets;
  } catch {
    return undefined;
  }
}
