import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A point as it arrived. Tests give every point a value of its own, rising within its series: its id. */
export interface Arrival {
  readonly series: string;
  readonly time: number;
  readonly id: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that stores lines `series time value`, and remembers every point that it ever took. */
export interface OracleServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Is asked for each whole request; answers of 2xx store its points. */
  answer: (points: readonly Arrival[]) => Answer;
  /** Requests that came in whole. */
  readonly requests: number;
  /** Those of the ids `0 ... count - 1` that were never stored. */
  missing(count: number): number[];
  /** What became of the points with these ids. */
  judge(count: number): Judgement;
}

export interface Judgement {
  /** Ids that were never stored. */
  readonly lost: number;
  /** Ids that were stored more than once, if only over themselves. */
  readonly repeated: number;
  /** Points that came for the first time after a later one of their series had come. */
  readonly overtaken: number;
  /** Points that are there in the end: one for each series and time. */
  readonly stored: number;
}

export async function startOracleServer(): Promise<OracleServer> {
  const points = new Map<string, number>();
  const times = new Map<number, number>();
  const last = new Map<string, number>();
  let overtaken = 0;
  let requests = 0;

  function store({ series, time, id }: Arrival): void {
    const seen = times.get(id) ?? 0;
    times.set(id, seen + 1);
    if (seen > 0) return;
    points.set(`${series} ${time}`, id);
    if (id < (last.get(series) ?? -1)) overtaken++;
    else last.set(series, id);
  }

  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        requests++;
        const arrived = body.split('\n').filter(Boolean).map(readLine);
        const { status, headers = {} } = oracle.answer(arrived);
        if (status >= 200 && status < 300) arrived.forEach(store);
        response.writeHead(status, headers).end('{"taken":true}');
      },
      // the request broke off: nothing of it counts
      () => {},
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const oracle: OracleServer = {
    port,
    url: `http://127.0.0.1:${port}`,
    answer: () => ({ status: 200 }),
    get requests() {
      return requests;
    },
    missing: (count) => Array.from({ length: count }, (_, id) => id).filter((id) => !times.has(id)),
    judge(count) {
      return {
        lost: oracle.missing(count).length,
        repeated: [...times.values()].filter((seen) => seen > 1).length,
        overtaken,
        stored: points.size,
      };
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return oracle;
}

function readLine(line: string): Arrival {
  const [series, time, id] = line.split(' ') as [string, string, string];
  return { series, time: Number(time), id: Number(id) };
}
