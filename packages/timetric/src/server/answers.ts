import { isAnySeriesError } from '@anyseries/core';
import { CsvFault } from '../wire/csv.ts';
import { Refusal } from './refusal.ts';

type HeaderFields = Readonly<Record<string, string>>;

/** Success without content. */
export function emptyAnswer(status: number, headers: HeaderFields = {}): Response {
  return new Response(null, { status, headers });
}

/** Plain text, as OAuth and errors have it: the type alone, without a character set. */
export function textAnswer(status: number, text: string, headers: HeaderFields = {}): Response {
  return new Response(new TextEncoder().encode(text), { status, headers: { 'content-type': 'text/plain', ...headers } });
}

export function jsonAnswer(status: number, value: unknown, headers: HeaderFields = {}): Response {
  return jsonTextAnswer(status, jsonText(value), headers);
}

export function jsonTextAnswer(status: number, text: string, headers: HeaderFields = {}): Response {
  return textAnswer(status, text, { 'content-type': 'application/json; charset=utf-8', ...headers });
}

/** JSON as the service wrote it, a Python program: blanks behind commas and colons, nothing but ASCII. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (typeof value !== 'object' || value === null)
    return JSON.stringify(value).replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${jsonText(name)}: ${jsonText(member)}`).join(', ')}}`;
}

/** Pages of other origins may read what anybody may ask for with the right header: no cookie counts here. */
export function readable(response: Response): Response {
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set('access-control-expose-headers', 'ETag, Anyseries-Omitted');
  return response;
}

/** What went wrong, as an answer. Nobody is told about the inside of the server. */
export function failureAnswer(error: unknown): Response {
  if (error instanceof Refusal) return textAnswer(error.status, oneLine(error.message), error.headers);
  if (error instanceof CsvFault) return textAnswer(400, oneLine(error.message));
  if (!isAnySeriesError(error)) return textAnswer(500, 'The server failed.');
  const { code, retryable, retryAfterMs, cause } = error;
  if (cause instanceof Refusal || cause instanceof CsvFault) return failureAnswer(cause);
  if (code === 'too-large') return textAnswer(413, 'Too large to be stored.');
  if (!retryable && code !== 'closed' && code !== 'aborted') return textAnswer(500, 'The server failed.');
  const after = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) };
  return textAnswer(503, 'The server is busy; try again later.', after);
}

/** Texts of a request may stand in what is wrong with it. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
