/**
 * Remembers which graph stands for a series. The service chooses the ids of graphs, and an account without a password cannot look them up, so that
 * they have to be kept somewhere: here, in a file, in a database.
 */
export interface GraphRegistry {
  /** The id of the graph of a series, if there is one. */
  get(series: string): string | undefined | Promise<string | undefined>;
  set(series: string, graph: string): void | Promise<void>;
}

/** A registry in memory. */
export function createGraphRegistry(graphs: Readonly<Record<string, string>> = {}): GraphRegistry {
  const known = new Map(Object.entries(graphs));
  return {
    get: (series) => known.get(series),
    set: (series, graph) => void known.set(series, graph),
  };
}
