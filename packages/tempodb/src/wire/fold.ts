import type { ParsedFunction } from '@anyseries/core/server';

/** A way to make one value of many (section 4.10). */
export interface Fold {
  /** The bare canonical name, which is how rows name it: `mean`, `percentile`. */
  readonly name: string;
  /** The name with its parameter, which is how a rollup names it: `mean`, `percentile(0.2)`. */
  readonly text: string;
  readonly fn: ParsedFunction;
}

const plainFolds = ['sum', 'min', 'max', 'count', 'mean', 'stddev', 'ss', 'variance', 'mult', 'range', 'first', 'last'] as const;
const functions: ReadonlyMap<string, ParsedFunction> = new Map([
  ...plainFolds.map((name) => [name, { name }] as const),
  ['avg', { name: 'mean' }] as const,
]);

/** Reads the name of a fold, as queries give it: `avg`, `percentile,20`. */
export function parseFold(text: string): Fold | undefined {
  const fn = functions.get(text);
  if (fn !== undefined) return { name: fn.name, text: fn.name, fn };
  const digits = /^percentile,(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (digits === undefined || Number(digits) > 100) return undefined;
  const rank = Number(digits);
  // 99.9 / 100 has one digit too many
  const share = Number((rank / 100).toPrecision(15));
  return { name: 'percentile', text: `percentile(${share})`, fn: { name: 'percentile', rank } };
}
