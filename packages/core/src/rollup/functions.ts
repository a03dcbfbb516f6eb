import { invalid, show } from '../errors.ts';

/** The functions of a rollup, by name. `percentile` takes its rank in parentheses. */
export type RollupFunctionName =
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'count'
  | 'stddev'
  | 'variance'
  | 'ss'
  | 'mult'
  | 'range'
  | 'first'
  | 'last'
  | 'percentile'
  | 'median';

/** A rollup function as a query names it: `'mean'`, `'percentile(95)'`, ... */
export type RollupFunction = Exclude<RollupFunctionName, 'percentile'> | `percentile(${number})`;

export interface ParsedFunction {
  readonly name: RollupFunctionName;
  /** The rank of `percentile`, 0 to 100; 50 for `median`. */
  readonly rank?: number;
}

const plainNames: ReadonlySet<string> = new Set([
  'sum',
  'mean',
  'min',
  'max',
  'count',
  'stddev',
  'variance',
  'ss',
  'mult',
  'range',
  'first',
  'last',
]);

/** Reads the name of a rollup function. @throws AnySeriesError `invalid` */
export function parseFunction(text: unknown): ParsedFunction {
  if (typeof text === 'string') {
    if (plainNames.has(text)) return { name: text as RollupFunctionName };
    if (text === 'median') return { name: 'median', rank: 50 };
    const rank = /^percentile\((\d+(?:\.\d+)?)\)$/.exec(text)?.[1];
    if (rank !== undefined && Number(rank) <= 100) return { name: 'percentile', rank: Number(rank) };
  }
  throw invalid('rollup.fn', `${show(text)} is none of ${[...plainNames].join(', ')}, median, percentile(0) to percentile(100)`);
}
