import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What became of a request. */
export interface RequestOutcome {
  readonly protocol: string;
  readonly method: string;
  /** `undefined`: the client went before there was an answer. */
  readonly status: number | undefined;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Counts for `/metrics`. */
export interface Metrics {
  begin(): void;
  end(outcome: RequestOutcome): void;
  /** A connection opens (1) or closes (-1). */
  connection(change: 1 | -1): void;
  /** What arrived never became a request: `400`, `408`, `431` as it was answered, `connections` or `tls`. */
  refused(reason: string): void;
  /** Everything, in the text format of Prometheus. */
  render(): string;
  close(): void;
}

/** The upper bounds of the histogram, in seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How often the event loop is looked at. */
const resolutionMs = 20;

interface Totals {
  /** How many requests took up to each bound, and longer than the last. */
  readonly durations: number[];
  seconds: number;
  bytesIn: number;
  bytesOut: number;
  /** By kind of method and status. */
  readonly answers: Map<string, number>;
}

export function createMetrics(): Metrics {
  const protocols = new Map<string, Totals>();
  const refusals = new Map<string, number>();
  const loopDelay = monitorEventLoopDelay({ resolution: resolutionMs });
  loopDelay.enable();
  let inFlight = 0;
  let connections = 0;

  function totalsOf(protocol: string): Totals {
    let totals = protocols.get(protocol);
    if (totals === undefined) {
      totals = { durations: Array(bounds.length + 1).fill(0), seconds: 0, bytesIn: 0, bytesOut: 0, answers: new Map() };
      protocols.set(protocol, totals);
    }
    return totals;
  }

  return {
    begin() {
      inFlight++;
    },

    end({ protocol, method, status, seconds, bytesIn, bytesOut }) {
      inFlight--;
      const totals = totalsOf(protocol);
      const place = bounds.findIndex((bound) => seconds <= bound);
      totals.durations[place === -1 ? bounds.length : place]!++;
      totals.seconds += seconds;
      totals.bytesIn += bytesIn;
      totals.bytesOut += bytesOut;
      count(totals.answers, `kind="${kindOf(method)}",status="${status ?? 'none'}"`);
    },

    connection(change) {
      connections += change;
    },

    refused(reason) {
      count(refusals, reason);
    },

    render() {
      const text = [
        ...requestLines(protocols),
        ...family('gauge', 'requests_in_flight', 'Requests that are being answered.', [['', inFlight]]),
        ...family('gauge', 'connections', 'Open connections.', [['', connections]]),
        ...family(
          'counter',
          'refused_total',
          'What arrived and never became a request.',
          [...refusals].map(([reason, number]) => [`reason="${reason}"`, number]),
        ),
        ...family('gauge', 'event_loop_delay_seconds', 'Delay of the event loop since the last scrape.', [
          ['quantile="0.5"', delay(loopDelay.percentile(50))],
          ['quantile="0.99"', delay(loopDelay.percentile(99))],
          ['quantile="1"', delay(loopDelay.max)],
        ]),
        ...processLines(),
      ];
      loopDelay.reset();
      return `${text.join('\n')}\n`;
    },

    close() {
      loopDelay.disable();
    },
  };
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Seconds by which the loop was late: it is told as the time between two looks, in nanoseconds. */
function delay(between: number): number {
  return Math.max(0, between / 1e9 - resolutionMs / 1000);
}

/** Methods by what they do, so that no made-up method makes a series of its own. */
function kindOf(method: string): 'read' | 'write' | 'other' {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE' ? 'write' : 'other';
}

type Sample = readonly [labels: string, value: number];

function family(type: string, name: string, help: string, samples: readonly Sample[], prefix = 'anyseries_gateway_'): string[] {
  const full = prefix + name;
  const lines = samples.map(([labels, value]) => `${full}${labels === '' ? '' : `{${labels}}`} ${value}`);
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines];
}

function requestLines(protocols: ReadonlyMap<string, Totals>): string[] {
  const each = (value: (totals: Totals) => number): Sample[] =>
    [...protocols].map(([protocol, totals]) => [`protocol="${protocol}"`, value(totals)]);
  const answers = [...protocols].flatMap(([protocol, totals]) =>
    [...totals.answers].map(([labels, number]): Sample => [`protocol="${protocol}",${labels}`, number]),
  );
  const durations = [...protocols].flatMap(([protocol, totals]) => histogram(`protocol="${protocol}"`, totals));
  const name = 'anyseries_gateway_request_seconds';
  return [
    ...family('counter', 'requests_total', 'Requests by protocol, kind of method and status; none: the client went first.', answers),
    `# HELP ${name} From the head of a request to the end of its answer.`,
    `# TYPE ${name} histogram`,
    ...durations.map((line) => name + line),
    ...family(
      'counter',
      'received_bytes_total',
      'Bytes of bodies received.',
      each(({ bytesIn }) => bytesIn),
    ),
    ...family(
      'counter',
      'sent_bytes_total',
      'Bytes of bodies sent.',
      each(({ bytesOut }) => bytesOut),
    ),
  ];
}

function histogram(labels: string, { durations, seconds }: Totals): string[] {
  let sum = 0;
  const lines = durations.map((number, place) => {
    sum += number;
    return `_bucket{${labels},le="${bounds[place] ?? '+Inf'}"} ${sum}`;
  });
  return [...lines, `_sum{${labels}} ${seconds}`, `_count{${labels}} ${sum}`];
}

function processLines(): string[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const startedAt = (performance.timeOrigin / 1000).toFixed(3);
  return [
    ...family('gauge', 'resident_memory_bytes', 'Memory of the process.', [['', rss]], 'process_'),
    ...family('gauge', 'heap_used_bytes', 'Memory that JavaScript objects take.', [['', heapUsed]], 'process_'),
    ...family('counter', 'cpu_seconds_total', 'Time of the processor.', [['', (user + system) / 1e6]], 'process_'),
    ...family('gauge', 'start_time_seconds', 'When the process started.', [['', Number(startedAt)]], 'process_'),
  ];
}
