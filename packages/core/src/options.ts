import { invalid, show } from './errors.ts';
import type { CallOptions } from './sink.ts';

/** The argument, if it is an object of known names only. @throws AnySeriesError `invalid` that names the one that is not */
export function checkObject(input: unknown, names: readonly string[], field: string): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid(field, `${show(input)} is no object`);
  for (const name of Object.keys(input)) {
    if (!names.includes(name)) throw invalid(`${field}.${name}`, `is no known name; known are ${names.join(', ')}`);
  }
  return input as Readonly<Record<string, unknown>>;
}

const callNames = ['signal', 'deadlineMs'];

/** The options of a call; `more` names those that the call has besides. */
export function checkCallOptions(options: unknown, more: readonly string[] = []): CallOptions {
  if (options === undefined) return {};
  const { signal, deadlineMs } = checkObject(options, [...callNames, ...more], 'options');
  if (deadlineMs !== undefined && !isPositive(deadlineMs))
    throw invalid('options.deadlineMs', `${show(deadlineMs)} is no positive number of milliseconds`);
  return { signal: checkSignal(signal, 'options.signal'), deadlineMs: deadlineMs as number | undefined };
}

export function checkSignal(signal: unknown, field: string): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const candidate = signal as Partial<AbortSignal> | null;
  if (typeof candidate === 'object' && typeof candidate?.addEventListener === 'function' && typeof candidate.aborted === 'boolean')
    return signal as AbortSignal;
  throw invalid(field, `${show(signal)} is no AbortSignal`);
}

export function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= Number.MAX_VALUE;
}

/** A record of texts, such as labels and attributes. */
export function checkTexts(input: unknown, field: string): Readonly<Record<string, string>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid(field, `${show(input)} is no record of texts`);
  for (const [name, value] of Object.entries(input)) {
    checkText(name, `${field} name`);
    checkText(value, `${field}.${name}`);
  }
  return input as Readonly<Record<string, string>>;
}

/** A text that UTF-8 and every store can hold. */
export function checkText(input: unknown, field: string): string {
  if (typeof input === 'string' && input.isWellFormed() && !input.includes('\0')) return input;
  throw invalid(field, typeof input === 'string' ? `${show(input)} holds U+0000 or half of a surrogate pair` : `${show(input)} is no text`);
}

export function checkTextList(input: unknown, field: string): readonly string[] {
  if (!Array.isArray(input)) throw invalid(field, `${show(input)} is no list of texts`);
  return input.map((text, index) => checkText(text, `${field}[${index}]`));
}
