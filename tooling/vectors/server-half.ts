import { type Clock, systemClock } from '@anyseries/core';
import { createBindings } from './bindings.ts';
import { compareResponses, type ResponseRules } from './compare-response.ts';
import { describeDifferences } from './json.ts';
import { contentOf, type Message, writeRequest } from './message.ts';
import { createRawClient } from './raw-client.ts';
import type { Exchange, Setup, Step, VectorFile, VectorRequest } from './vector.ts';

/** A server that is set up as a document says. */
export interface OpenedServer {
  readonly url: string;
  close(): Promise<void>;
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

  async function inOrder(exchange: Exchange): Promise<string> {
    shared ??= openWorld();
    const world = await shared;
    const index = exchanges.indexOf(exchange);
    while (outcomes.length <= index) {
      const next = exchanges[outcomes.length]!;
      outcomes.push((outcomes.at(-1) ?? Promise.resolve('')).then(() => world.run(next)));
    }
    return outcomes[index]!;
  }

  async function inNewWorld(exchange: Exchange): Promise<string> {
    const world = await openWorld();
    try {
      for (const id of exchange.beforeState?.runs ?? []) await world.run(exchanges.find((each) => each.id === id)!);
      return await world.run(exchange);
    } finally {
      await world.close();
    }
  }

  async function openWorld(): Promise<World> {
    let now = setup.clockMs ?? 0;
    const server = await open(setup, { now: () => now, setTimer: systemClock.setTimer });
    const client = createRawClient(server.url);
    const bindings = createBindings(setup);

    async function runStep({ clockMs = now, request, response }: Step): Promise<string> {
      now = clockMs;
      bindings.learn(request);
      const sent = translateRequest(request, bindings);
      const answer = await client.exchange(writeRequest(sent));
      const differences = compareResponses(response, answer, setup, bindings, rules);
      if (differences.length === 0) return '';
      return `${sent.method} ${sent.target}\n${describeDifferences(differences)}\nthe whole answer:\n${showMessage(answer)}`;
    }

    return {
      async run({ id, title, steps }) {
        for (const step of steps) {
          const problem = await runStep(step).catch((error: unknown) => `${step.request.method} ${step.request.target}\n${error}`);
          if (problem !== '') return `${id} ${title}\n${problem}`;
        }
        return '';
      },
      async close() {
        client.close();
        await server.close();
      },
    };
  }

  return {
    check: setup.state === 'sequence' ? inOrder : inNewWorld,
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

function translateRequest(request: VectorRequest, { translate, translateTarget }: ReturnType<typeof createBindings>): VectorRequest {
  const body = request.body === null ? null : translate(request.body);
  const lengthOf = (text: string | null) => String(Buffer.byteLength(text ?? ''));
  const headers = request.headers.map(([name, value]): [string, string] => {
    const countsBody = name.toLowerCase() === 'content-length' && value === lengthOf(request.body);
    return [name, countsBody ? lengthOf(body) : translate(value)];
  });
  return { ...request, target: translateTarget(request.target), headers, body };
}

function showMessage(message: Message): string {
  const head = [message.startLine, ...message.headers.map((header) => header.join(': '))].map((line) => `  ${line}`).join('\n');
  const body = contentOf(message).toString();
  return `${head}\n\n  ${body.length > 2000 ? `${body.slice(0, 2000)}…` : body}`;
}
