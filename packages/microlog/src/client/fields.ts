import { invalid, show } from '@anyseries/core/provider';

/** The id of a graph. @throws AnySeriesError `invalid` */
export function graphField(graph: unknown, field = 'graph'): string {
  if (typeof graph === 'string' && graph !== '' && graph.isWellFormed()) return graph;
  throw invalid(field, `${show(graph)} is no id of a graph`);
}

/** @throws AnySeriesError `invalid` */
export function textField(text: unknown, field: string): string {
  if (typeof text === 'string' && text.isWellFormed()) return text;
  throw invalid(field, `${show(text)} is no text`);
}
