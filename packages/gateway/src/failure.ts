import { isAnySeriesError } from '@anyseries/core';

/**
 * What a log may say of an error. Messages of anyseries hold no secrets; those of others may quote what they choke on (a body, a header), so of
 * these only the place is told.
 */
export function withoutSecrets(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    error: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(isAnySeriesError(error) ? { problem: error.message } : {}),
    at: framesOf(error),
  };
}

function framesOf({ stack = '', message }: Error): string[] {
  return stack
    .replace(message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 8)
    .map((line) => line.slice('    at '.length));
}
