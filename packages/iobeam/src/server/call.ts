import { parseJson } from '@anyseries/core/http';
import { faultCodes } from '../wire/fault.ts';
import { isObject } from '../wire/json.ts';
import { Refusal } from './refusal.ts';

/** The members of a body. */
export type Body = Readonly<Record<string, unknown>>;

/** A request as its handler sees it. */
export interface Call {
  readonly method: string;
  /** The variable parts of the path, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** The value of `Authorization`. */
  readonly authorization: string | undefined;
  /** The body, which has to be a JSON object. */
  json(): Promise<Body>;
  bytes(): Promise<Uint8Array>;
}

/** The last of a parameter's values: some clients send one twice (section 4). */
export function parameter({ query }: Call, name: string): string | undefined {
  return query.getAll(name).at(-1);
}

/** @throws Refusal */
export async function readJsonBody(request: Request): Promise<Body> {
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(await request.arrayBuffer()));
  } catch {
    // told below
  }
  if (isObject(json)) return json;
  throw new Refusal(400, faultCodes.noJson, 'Request body is not valid JSON');
}
