import { isAnySeriesError } from '@anyseries/core';
import { encodeValue } from '../wire/value.ts';
import { Refusal } from './refusal.ts';

/** Success without content, and what there is nothing to say to. */
export function emptyAnswer(status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { 'content-length': '0', ...headers } });
}

/** JSON in one text or, where one could not hold it, in several. */
export function jsonAnswer(
  parts: string | readonly string[],
  options: { status?: number; headers?: Record<string, string> } = {},
): Response {
  const { status = 200, headers } = options;
  const body = typeof parts === 'string' ? parts : parts.length === 1 ? parts[0]! : new Blob([...parts]);
  return new Response(body, { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });
}

/** What went wrong, as an answer. Nobody is told about the inside of the server. */
export function failureAnswer(error: unknown): Response {
  if (error instanceof Refusal) return refusalAnswer(error);
  if (!isAnySeriesError(error)) return emptyAnswer(500);
  const { code, retryable, retryAfterMs, cause } = error;
  if (cause instanceof Refusal) return refusalAnswer(cause);
  if (code === 'too-large') return refusalAnswer(new Refusal(422, 'Too large to be stored'));
  if (!retryable && code !== 'closed' && code !== 'aborted') return emptyAnswer(500);
  return emptyAnswer(503, retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });
}

function refusalAnswer({ status, message }: Refusal): Response {
  if (message === '') return emptyAnswer(status);
  return new Response(message, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** The JSON text of a value. JSON has no infinities: what is too large for a double is the largest one. */
export function numberText(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return String(Number.MAX_VALUE);
  if (value === Number.NEGATIVE_INFINITY) return String(-Number.MAX_VALUE);
  return encodeValue(value);
}

/** A long text in parts, so that no single one grows beyond what a string can hold. */
export interface TextParts {
  add(text: string): void;
  /** All parts; at least one. */
  end(): string[];
}

const partLength = 1 << 20;

export function createTextParts(): TextParts {
  const parts: string[] = [];
  let last = '';
  return {
    add(text) {
      last += text;
      if (last.length < partLength) return;
      parts.push(last);
      last = '';
    },
    end() {
      parts.push(last);
      return parts;
    },
  };
}
