import type { AnySeriesError, PointBatch } from '@anyseries/core';
import type { QueuedPoint } from './queue-options.ts';

/** What became of all points of a queue since it was started. */
export interface DispatchReport extends GraphReport {
  /** The same by graph. */
  readonly graphs: Readonly<Record<string, GraphReport>>;
  /** The latest thing that went wrong and is tried again, since the report before. */
  readonly error?: AnySeriesError;
  /** What `close` could not send. */
  readonly unsent?: readonly QueuedPoint[];
}

export interface GraphReport {
  /** Accepted by the server. An original does not prove that they are stored. */
  readonly sent: number;
  /** Still in the queue. */
  readonly kept: number;
  /** Given up: `onDrop` was told why. */
  readonly dropped: number;
  /** Given up although they may be stored. */
  readonly unknown: number;
}

/** Counts the points of a queue, by graph. */
export interface Tally {
  enqued(graph: string): void;
  dropped(graph: string): void;
  unknown(graph: string): void;
  /** All rows of a batch, but for some. */
  sent(batch: PointBatch, without?: ReadonlySet<number>): void;
  failed(error: AnySeriesError): void;
  report(): DispatchReport;
}

type Counts = { -readonly [K in keyof GraphReport]: GraphReport[K] };

export function createTally(): Tally {
  const graphs = new Map<string, Counts>();
  let latest: AnySeriesError | undefined;

  function countsOf(graph: string): Counts {
    const counts = graphs.get(graph) ?? { sent: 0, kept: 0, dropped: 0, unknown: 0 };
    graphs.set(graph, counts);
    return counts;
  }

  function end(graph: string, how: 'sent' | 'dropped' | 'unknown'): void {
    const counts = countsOf(graph);
    counts[how]++;
    counts.kept--;
  }

  return {
    enqued: (graph) => void countsOf(graph).kept++,
    dropped: (graph) => end(graph, 'dropped'),
    unknown: (graph) => end(graph, 'unknown'),
    sent({ refs, series, length }, without) {
      for (let row = 0; row < length; row++) if (!without?.has(row)) end(refs[series[row]!]!.key, 'sent');
    },
    failed(error) {
      latest = error;
    },
    report() {
      const total: Counts = { sent: 0, kept: 0, dropped: 0, unknown: 0 };
      for (const counts of graphs.values()) for (const how of Object.keys(total) as (keyof Counts)[]) total[how] += counts[how];
      const error = latest;
      latest = undefined;
      const byGraph = Object.fromEntries([...graphs].map(([graph, counts]) => [graph, { ...counts }]));
      return { ...total, graphs: byGraph, ...(error === undefined ? {} : { error }) };
    },
  };
}
