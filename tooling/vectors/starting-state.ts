import type { Exchange, Setup } from './vector.ts';

/**
 * The vectors that have to run in a new world before this one, where its document says that it starts from another state than that which the vectors
 * before it leave; `undefined`: it follows them.
 */
export function runsBefore(exchange: Exchange, exchanges: readonly Exchange[], setup: Setup): Exchange[] | undefined {
  const main = exchanges.filter((each) => startOf(each, exchanges, setup) === undefined);
  const start = startOf(exchange, exchanges, setup);
  if (start === undefined) return undefined;
  const before = runsBefore(start, exchanges, setup) ?? main.slice(0, main.indexOf(start));
  return [...before, start];
}

/** The vector that left the state which another starts from, if that is not the one before it. */
function startOf(exchange: Exchange, exchanges: readonly Exchange[], setup: Setup): Exchange | undefined {
  const named = namedStart(exchange, exchanges, setup);
  if (named === undefined) return undefined;
  const before = exchanges.slice(0, exchanges.indexOf(exchange));
  const previous = before.findLast((each) => startOf(each, exchanges, setup) === undefined);
  return named === previous ? undefined : named;
}

function namedStart({ given = '' }: Exchange, exchanges: readonly Exchange[], { series = [] }: Setup): Exchange | undefined {
  const listed = /\b(?:State a|A)fter (V\d+(?:,? (?:and )?V\d+)*)/.exec(given)?.[1];
  if (listed !== undefined) return exchanges.find(({ id }) => id === /V\d+$/.exec(listed)![0]);
  const empty = /\bSeries (\w+) empty\b/.exec(given)?.[1];
  const made = series.find(({ name }) => name === empty);
  return made && exchanges.find(({ steps }) => steps.some(({ response }) => JSON.stringify(response).includes(made.id)));
}
