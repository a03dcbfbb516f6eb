import type { Fault } from '../wire/fault.ts';
import { encodeJson, type WireJson } from '../wire/json.ts';

const encoder = new TextEncoder();

/** An answer in JSON, compact. */
export function jsonAnswer(status: number, json: WireJson, headers: Readonly<Record<string, string>> = {}): Response {
  return textAnswer(status, 'application/json', encodeJson(json), headers);
}

/** An answer in JSON whose text is there already. */
export function encodedAnswer(text: string): Response {
  return textAnswer(200, 'application/json', text, {});
}

export function csvAnswer(text: string): Response {
  return textAnswer(200, 'text/plain; charset=utf-8', text, {});
}

/** A success that says nothing more. */
export function emptyAnswer(status: 200 | 204): Response {
  return new Response(null, { status, headers: status === 204 ? {} : { 'content-length': '0' } });
}

export function faultAnswer({ status, code, message, details }: Fault, headers: Readonly<Record<string, string>> = {}): Response {
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer realm="iobeam"' } : {};
  return jsonAnswer(status, { errors: [{ code, message, details }] }, { ...challenge, ...headers });
}

/** The length stands in every answer, and none is compressed: old clients need both (section 2). */
function textAnswer(status: number, type: string, text: string, headers: Readonly<Record<string, string>>): Response {
  const body = encoder.encode(text);
  const framing = { 'content-type': type, 'content-length': String(body.length), 'content-encoding': 'identity' };
  return new Response(body, { status, headers: { ...framing, ...headers } });
}
