import { type Clock, systemClock } from '@anyseries/core';
import { type Bindings, createBindings } from './bindings.ts';
import { compareResponses, type ResponseRules } from './compare-response.ts';
import { describeDifferences } from './json.ts';
import { contentOf, type Message, writeRequest } from './message.ts';
import { createRawClient } from './raw-client.ts';
import { resign } from './resign.ts';
import { runsBefore } from './starting-state.ts';
import type { Exchange, Header, Setup, Step, VectorFile, VectorRequest } from './vector.ts';

/** A server that is set up as a document says. */
export interface OpenedServer {
  readonly url: string;
  /** Where it speaks TLS; needed where the document's requests do. */
  readonly tlsUrl?: string | undefined;
  /** Whoever uses the server in other ways than the vectors show. */
  readonly visitor?: Visitor | undefined;
  close(): Promise<void>;
}

/** Does what documents tell in words: somebody in front of a browser, say. */
export interface Visitor {
  /** The value of a header that is described. */
  header?(name: string, description: string): Promise<string>;
  /** Does what has happened before a vector, by the words of its `given`. */
  before?(exchange: Exchange, bindings: Bindings): Promise<void>;
}

/** Sends the requests of a file to a server, and compares what it answers. */
export interface ServerRun {
  /** What is wrong with a vector, for people; `''`: nothing. Runs what has to run before it. */
  check(exchange: Exchange): Promise<string>;
  close(): Promise<void>;
}

export function createServerRun(
  { setup, exchanges }: VectorFile,
  open: (setup: Setup, clock: Clock) => Promise<OpenedServer>,
  rules?: ResponseRules,
): ServerRun {
  const outcomes: Promise<string>[] = [];
  let shared: Promise<World> | undefined;

  const starts = new Map(exchanges.map((exchange) => [exchange, runsBefore(exchange, exchanges, setup)]));
  const inSequence = exchanges.filter((exchange) => starts.get(exchange) === undefined);

  async function inOrder(exchange: Exchange): Promise<string> {
    const before = starts.get(exchange);
    if (before !== undefined) return inNewWorld(exchange, before);
    shared ??= openWorld();
    const world = await shared;
    const index = inSequence.indexOf(exchange);
    while (outcomes.length <= index) {
      const next = inSequence[outcomes.length]!;
      outcomes.push((outcomes.at(-1) ?? Promise.resolve('')).then(() => world.run(next)));
    }
    return outcomes[index]!;
  }

  async function afterItsRuns(exchange: Exchange): Promise<string> {
    const runs = exchange.beforeState?.runs ?? [];
    return inNewWorld(
      exchange,
      runs.map((id) => exchanges.find((each) => each.id === id)!),
    );
  }

  async function inNewWorld(exchange: Exchange, before: readonly Exchange[]): Promise<string> {
    const world = await openWorld();
    try {
      for (const each of before) await world.run(each);
      return await world.run(exchange);
    } finally {
      await world.close();
    }
  }

  async function openWorld(): Promise<World> {
    let now = setup.clockMs ?? 0;
    const server = await open(setup, { now: () => now, setTimer: systemClock.setTimer });
    const clients = { http: createRawClient(server.url), https: server.tlsUrl === undefined ? undefined : createRawClient(server.tlsUrl) };
    const bindings = createBindings(setup);

    async function runStep({ clockMs = now, scheme = 'http', request, response, oauth }: Step): Promise<string> {
      now = clockMs;
      const client = clients[scheme];
      if (client === undefined) return `${request.method} ${request.target}\nit goes over TLS, which this server does not speak`;
      bindings.learn(request);
      const sent = await fillDescribed(translateRequest(request, oauth, bindings));
      const answer = await client.exchange(writeRequest(sent));
      const differences = compareResponses(response, answer, setup, bindings, rules);
      if (differences.length === 0) return '';
      return `${sent.method} ${sent.target}\n${describeDifferences(differences)}\nthe whole answer:\n${showMessage(answer)}`;
    }

    async function fillDescribed(request: VectorRequest): Promise<VectorRequest> {
      const { headers, described = [] } = request;
      const filled = headers.map(async ([name, value]): Promise<Header> => {
        if (!described.includes(name)) return [name, value];
        if (server.visitor?.header === undefined) throw new Error(`nothing here gives the header ${name}: ${value}`);
        return [name, await server.visitor.header(name, value)];
      });
      return { ...request, headers: await Promise.all(filled) };
    }

    async function comeBefore(exchange: Exchange): Promise<string> {
      try {
        await server.visitor?.before?.(exchange, bindings);
        return '';
      } catch (error) {
        return `before it: ${error}`;
      }
    }

    return {
      async run(exchange) {
        const { id, title, steps } = exchange;
        now = steps[0]?.clockMs ?? now;
        const problem = await comeBefore(exchange);
        if (problem !== '') return `${id} ${title}\n${problem}`;
        for (const step of steps) {
          const problem = await runStep(step).catch((error: unknown) => `${step.request.method} ${step.request.target}\n${error}`);
          if (problem !== '') return `${id} ${title}\n${problem}`;
        }
        return '';
      },
      async close() {
        for (const client of Object.values(clients)) client?.close();
        await server.close();
      },
    };
  }

  return {
    check: setup.state === 'sequence' ? inOrder : afterItsRuns,
    async close() {
      await outcomes.at(-1);
      await (await shared)?.close();
    },
  };
}

interface World {
  /** What is wrong, for people. */
  run(exchange: Exchange): Promise<string>;
  close(): Promise<void>;
}

function translateRequest(request: VectorRequest, oauth: Step['oauth'], bindings: Bindings): VectorRequest {
  const sign = resign(oauth, bindings.translate);
  const rewrite = (text: string) => sign(bindings.translate(text));
  const body = request.body === null ? null : rewrite(request.body);
  const lengthOf = (text: string | null) => String(Buffer.byteLength(text ?? ''));
  const headers = request.headers.map(([name, value]): [string, string] => {
    const countsBody = name.toLowerCase() === 'content-length' && value === lengthOf(request.body);
    return [name, countsBody ? lengthOf(body) : rewrite(value)];
  });
  return { ...request, target: sign(bindings.translateTarget(request.target)), headers, body };
}

function showMessage(message: Message): string {
  const head = [message.startLine, ...message.headers.map((header) => header.join(': '))].map((line) => `  ${line}`).join('\n');
  const body = contentOf(message).toString();
  return `${head}\n\n  ${body.length > 2000 ? `${body.slice(0, 2000)}…` : body}`;
}
