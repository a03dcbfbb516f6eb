import { bundleCandidates } from './delivery/bundle.ts';
import { type Arena, bare, type Contender, candidate, type Measured, measure } from './delivery/contender.ts';
import { saveReport } from './delivery/report.ts';
import { startSink } from './delivery/sink-process.ts';
import { median, spread } from './measure.ts';
import { memoryRow, type Row, rateRow, type Suite } from './row.ts';

/** What a contender's speed is compared with, and what must come out at least. */
interface Comparison {
  readonly with: Contender;
  readonly atLeast?: number;
}

/** Contenders that run in turn, and how they are compared. Those that are compared with nothing are the bare loops. */
interface Field {
  readonly name: string;
  /** Rounds. */
  readonly times: number;
  readonly contenders: ReadonlyMap<Contender, readonly Comparison[]>;
}

type Measurements = ReadonlyMap<Contender, readonly Measured[]>;

const rounds = 9;
const peerRounds = 3;
const mostBytes = 250e6;
const mostSockets = 4;

const lines = bare('string', 'undici');
const json = bare('json', 'undici');
const linesByFetch = bare('string', 'fetch');
const jsonByFetch = bare('json', 'fetch');
const none: readonly Comparison[] = [];

const overNode: Field = {
  name: "Node's transport",
  times: rounds,
  contenders: new Map([
    [candidate('writer: lines, each write awaited', 'writer', 'awaited', true), [{ with: lines, atLeast: 0.7 }]],
    [lines, none],
    [candidate('writer: lines', 'writer', 'lines', true), [{ with: lines, atLeast: 0.9 }]],
    [
      candidate('writer: JSON to TempoDB', 'writer', 'json'),
      [
        { with: json, atLeast: 0.9 },
        { with: lines, atLeast: 0.8 },
      ],
    ],
    [json, none],
  ]),
};

const overFetch: Field = {
  name: 'fetch',
  times: rounds,
  contenders: new Map([
    [candidate('writer: lines, each write awaited, fetch', 'writer', 'awaitedByFetch', true), [{ with: linesByFetch, atLeast: 0.9 }]],
    [linesByFetch, none],
    [candidate('writer: lines, fetch', 'writer', 'linesByFetch', true), [{ with: linesByFetch, atLeast: 0.9 }]],
    [candidate('writer: JSON to TempoDB, fetch', 'writer', 'jsonByFetch'), [{ with: jsonByFetch, atLeast: 0.9 }]],
    [jsonByFetch, none],
  ]),
};

const documentedPeers: readonly Contender[] = [
  candidate('influxdb-client', 'influx', 'documented'),
  candidate('questdb nodejs-client', 'questdb', 'documented'),
  candidate('clickhouse client', 'clickhouse', 'documented', true),
];
const tunedPeers: readonly Contender[] = [
  candidate('influxdb-client, flushed by hand, no gzip', 'influx', 'best', true),
  candidate('questdb nodejs-client, flushed by hand', 'questdb', 'best'),
  candidate('clickhouse client, four inserts at a time', 'clickhouse', 'best', true),
  candidate('clickhouse client, text encoded by its user', 'clickhouse', 'raw', true),
];

export const suite: Suite = {
  title: `the writer, bare loops and other clients against a sink that only counts; each run in a process of its own, in turn, ${rounds} rounds`,
  columns: ['CPU ns/point', 'bytes/point', 'peak MB', 'sockets'],
  async *run(size) {
    const arena = { bundled: await bundleCandidates(), sink: await startSink() };
    try {
      await measure(lines, size, arena);
      yield* compareAll(size, [...documentedPeers, ...tunedPeers], arena);
      yield* compareAll(size * 5, documentedPeers, arena);
    } finally {
      await arena.sink.close();
    }
  },
  save: saveReport,
};

async function* compareAll(points: number, peers: readonly Contender[], arena: Arena): AsyncGenerator<Row> {
  const measured = new Map<Contender, readonly Measured[]>();
  const size = `${points.toLocaleString('en')} points`;
  for (const { name, contenders, times } of [overNode, overFetch, fieldOf(peers)]) {
    const runs = await interleave([...contenders.keys()], times, points, arena);
    for (const [contender, comparisons] of contenders) {
      for (const row of rowsOf(contender, comparisons, runs, points)) yield { group: `${size}, ${name}`, ...row };
    }
    for (const [contender, each] of runs) measured.set(contender, each);
  }
  for (const row of bounds(measured)) yield { group: `${size}, bounds`, ...row };
}

function fieldOf(peers: readonly Contender[]): Field {
  const contenders = new Map<Contender, readonly Comparison[]>([[lines, none]]);
  for (const peer of peers) contenders.set(peer, [{ with: lines }]);
  return { name: 'other clients', times: peerRounds, contenders };
}

/** Every contender once per round; the one that goes first changes from round to round. */
async function interleave(contenders: readonly Contender[], times: number, points: number, arena: Arena): Promise<Measurements> {
  const measured = new Map(contenders.map((contender) => [contender, [] as Measured[]]));
  for (let round = 0; round < times; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
      measured.get(contender)!.push(await measure(contender, points, arena));
  }
  return measured;
}

function rowsOf(contender: Contender, comparisons: readonly Comparison[], all: Measurements, points: number): Row[] {
  const runs = all.get(contender)!;
  const more = [
    median(runs.map(({ cpuMs }) => (cpuMs / points) * 1e6)).toFixed(0),
    median(runs.map(({ bytes }) => bytes / points)).toFixed(1),
    (median(runs.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0),
    String(Math.max(...runs.map(({ sockets }) => sockets))),
  ];
  const row = { ...rateRow(contender.name, points, runs), more };
  const [first, ...others] = comparisons.map((comparison) => compare(runs, all.get(comparison.with)!, comparison.atLeast));
  const further = others.map((other, i) => ({ name: `  the same, against ${comparisons[i + 1]!.with.name}`, result: '', ...other }));
  return [{ ...row, ...first }, ...further];
}

/** The speed against the other's, round by round. */
function compare(runs: readonly Measured[], others: readonly Measured[], atLeast?: number): Pick<Row, 'ratio' | 'bound'> {
  const ratio = spread(runs.map(({ ms }, round) => others[round]!.ms / ms));
  return { ratio, ...(atLeast === undefined ? {} : { bound: { text: `≥ ${atLeast}`, met: ratio.median >= atLeast } }) };
}

/** What must hold of the writer in all its forms; memory and sockets where they are its own, which those of a `fetch` are not. */
function bounds(measured: Measurements): Row[] {
  const writers = [...measured].filter(([{ name }]) => name.startsWith('writer'));
  const slowest = Math.max(...writers.map(([, runs]) => medianMs(runs)));
  const peers = documentedPeers.map((peer): Row => {
    const ratio = medianMs(measured.get(peer)!) / slowest;
    return { name: `slowest writer against ${peer.name}`, result: ratio.toFixed(2), bound: { text: '> 1', met: ratio > 1 } };
  });
  const runs = writers.flatMap(([contender, each]) => (overNode.contenders.has(contender) ? each : []));
  const sockets = Math.max(...runs.map((run) => run.sockets));
  const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes));
  return [
    ...peers,
    { name: 'sockets of a writer, the most', result: String(sockets), bound: { text: `≤ ${mostSockets}`, met: sockets <= mostSockets } },
    memoryRow('peak memory of a writer, the most', peak, mostBytes / 1e6),
  ];
}

function medianMs(runs: readonly Measured[]): number {
  return median(runs.map(({ ms }) => ms));
}
