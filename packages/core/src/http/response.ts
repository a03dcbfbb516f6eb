import type { ZodMiniType } from 'zod/mini';
import { AnySeriesError } from '../errors.ts';
import { toInteger } from '../value.ts';

/** What is read of an answer at most. */
export const maxResponseBytes = 256 * 1024 * 1024;

/** An answer, however it arrived. */
export interface AnswerLike {
  readonly status: number;
  text(): Promise<string>;
}

/** The body as text. @throws AnySeriesError `protocol` where it was cut off */
export async function readText(response: AnswerLike): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new AnySeriesError('protocol', `the answer (status ${response.status}) broke off`, { retryable: true, cause });
  }
}

/**
 * The body as JSON of the expected shape; integers that a double cannot hold come as `bigint`.
 *
 * @throws AnySeriesError `protocol` that tells what came instead, in a few words
 */
export async function readJson<T>(response: AnswerLike, schema: ZodMiniType<T>): Promise<T> {
  const text = await readText(response);
  const where = `the answer (status ${response.status})`;
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    throw new AnySeriesError('protocol', `${where} is no JSON but ${text.trim() === '' ? 'empty' : JSON.stringify(excerpt(text))}`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new AnySeriesError(
    'protocol',
    `${where} has another form than expected: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'}`,
  );
}

/** The first words of a text, without tags and control characters: enough to recognise an error page. */
export function excerpt(text: string): string {
  const plain = text
    .slice(0, 2000)
    .replace(/<[^>]*>?/g, ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return plain.length > 160 ? `${plain.slice(0, 157)}...` : plain;
}

/** `JSON.parse`, but integers that a double cannot hold exactly come as `bigint`. @throws SyntaxError */
export function parseJson(text: string): unknown {
  // not the digits behind a decimal point: most doubles have that many, and the careful way takes several times as long
  if (!/(?:^|[^\d.])\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, ((_: string, value: unknown, context: { readonly source?: string }) => {
    if (typeof value !== 'number' || context.source === undefined || !/^-?\d{16,}$/.test(context.source)) return value;
    try {
      return toInteger(BigInt(context.source));
    } catch {
      return value;
    }
  }) as (this: unknown, key: string, value: unknown) => unknown);
}
