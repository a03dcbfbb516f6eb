import { type Clock, isAnySeriesError, systemClock } from '@anyseries/core';
import { compareRequests, parametersOf, type RequestRules } from './compare-request.ts';
import { linkOf } from './compare-response.ts';
import { compareJson, type Difference, describeDifferences, exactly, parseExactJson, show } from './json.ts';
import { type Message, writeResponse } from './message.ts';
import { startRawServer } from './raw-server.ts';
import {
  type Exchange,
  headerOf,
  mediaType,
  percentDecoded,
  type Setup,
  type SignatureVector,
  type Step,
  type VectorFile,
  type VectorRequest,
  type VectorResponse,
} from './vector.ts';

/** A request as an operation is found by it. */
export interface DecodedRequest {
  /** The path's parts that the operation's pattern names, decoded. */
  readonly part: Readonly<Record<string, string>>;
  /** The parameters of the query, by name, in order; those without a value are left out. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** The JSON of the body; `undefined` where there is none, or what is there is no JSON. */
  readonly body: unknown;
  /** The request itself. */
  readonly sent: VectorRequest;
}

/** What a native client does for a request. */
export interface Operation<Client> {
  readonly method: string;
  /** `/v1/series/{by}/{key}/data`; a part in braces stands for one segment. */
  readonly path: string;
  /** Makes the call that sends such a request. A cursor (with `pages()`) is asked for the page that the request is about. */
  call(client: Client, request: DecodedRequest): unknown;
  /** What the call gives when the answer has this body (`undefined`: none). Default: the body itself. */
  gives?(body: unknown, request: DecodedRequest, response: VectorResponse): unknown;
}

/** A protocol's native client, as the requests of its documents are asked of it. */
export interface Calls<Client> extends RequestRules {
  connect(options: { readonly url: string; readonly setup: Setup; readonly request: VectorRequest; readonly clock: Clock }): Client;
  close?(client: Client): Promise<void>;
  /** Whether a request carries what every client sends to say who it is. */
  hasCredentials(request: VectorRequest): boolean;
  /** A more special path comes before a more general one. */
  readonly operations: readonly Operation<Client>[];
  /** What is called where there is no operation for a request, which then has to fail. */
  readonly anyOperation: Operation<Client>;
  /** How the client signs; needed where there are vectors of signatures. */
  sign?(vector: SignatureVector): Promise<{ readonly baseString: string; readonly signature: string }>;
  /** Answers what the client asks besides, to make sense of an answer. */
  answerFurther?(request: Message): VectorResponse | undefined;
}

/** Why no client can send a request; `undefined`: one can. */
export function whyNoClientSends<Client>({ malformed, ...request }: VectorRequest, calls: Calls<Client>): string | undefined {
  if (request.described !== undefined) return 'a browser sends it';
  if (malformed) return 'no client sends malformed JSON';
  if (!calls.hasCredentials(request)) return 'no client leaves out the credentials';
  return findOperation(request, calls) === undefined ? 'no client asks for an unknown resource' : undefined;
}

/** Whether a client may refuse to send a request: the service would say the same. */
export function mayBeRefused({ response: { status } }: Step): boolean {
  return status === 400 || status === 422;
}

/** Has the native client make the requests of a file, and compares them and what it makes of the answers. */
export interface ClientRun {
  /** What is wrong with a vector, for people; `''`: nothing. */
  check(exchange: Exchange): Promise<string>;
  /** The requests that were compared so far. */
  readonly compared: ReadonlySet<VectorRequest>;
  /** The requests that the client refused to send, as the service refuses to take them. */
  readonly refused: ReadonlySet<VectorRequest>;
}

export function createClientRun<Client>({ setup, exchanges }: VectorFile, calls: Calls<Client>): ClientRun {
  const allSteps = exchanges.flatMap(({ steps }) => steps);
  const compared = new Set<VectorRequest>();
  const refused = new Set<VectorRequest>();

  /** The steps that lead to a page: one whose answer links to the next, which leads on. The last is the step itself. */
  function stepsTo(step: Step): Step[] {
    const before = allSteps.slice(0, allSteps.indexOf(step));
    const previous = before.findLast(({ response }) => linkOf(headerOf(response.headers, 'link') ?? '')?.target === step.request.target);
    return previous === undefined ? [step] : [...stepsTo(previous), step];
  }

  async function runStep(step: Step): Promise<string> {
    const steps = stepsTo(step);
    const { request } = steps[0]!;
    const known = findOperation(request, calls);
    if (known === undefined && step.response.status < 400) return `there is no operation for ${request.method} ${request.target}`;
    const operation = known ?? calls.anyOperation;
    const decoded = decode(request, operation);
    const server = await startRawServer((further, index) => {
      const response = steps[index]?.response ?? calls.answerFurther?.(further);
      return response && writeResponse(response);
    });
    const clock = { now: () => step.clockMs ?? setup.clockMs ?? 0, setTimer: systemClock.setTimer };
    const client = calls.connect({ url: server.url, setup, request, clock });
    try {
      const outcome = await outcomeOf(() => pageOf(operation.call(client, decoded), steps.length));
      if (server.requests.length === 0 && mayBeRefused(step) && isInvalid(outcome)) {
        refused.add(step.request);
        return '';
      }
      const differences = [
        ...compareSent(step, steps.length, server.requests),
        ...compareOutcome(step, outcome, (body) => (operation.gives === undefined ? body : operation.gives(body, decoded, step.response))),
      ];
      return differences.length === 0 ? '' : `${step.request.method} ${step.request.target}\n${describeDifferences(differences)}`;
    } finally {
      await calls.close?.(client);
      await server.close();
    }
  }

  function compareSent({ request }: Step, count: number, requests: readonly Message[]): Difference[] {
    const unanswered = requests.slice(count).filter((further) => calls.answerFurther?.(further) === undefined);
    if (requests.length < count || unanswered.length > 0)
      return [{ where: 'requests', expected: String(count), received: requests.map(({ startLine }) => startLine).join(', ') || 'none' }];
    if (whyNoClientSends(request, calls) !== undefined) return [];
    compared.add(request);
    return compareRequests(request, requests[count - 1]!, calls);
  }

  return {
    compared,
    refused,
    async check({ id, title, steps }) {
      // what a browser does a client does not answer for either
      for (const step of steps.filter(({ request }) => request.described === undefined)) {
        const problem = await runStep(step);
        if (problem !== '') return `${id} ${title}\n${problem}`;
      }
      return '';
    },
  };
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

async function outcomeOf(call: () => unknown): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

/** A call's result, or the page of its cursor with this number. */
async function pageOf(result: unknown, number: number): Promise<unknown> {
  if (!isCursor(result)) return result;
  let count = 0;
  for await (const page of result.pages()) if (++count === number) return page;
  throw new Error(`the cursor ended after ${count} pages`);
}

function isCursor(result: unknown): result is { pages(): AsyncIterable<unknown> } {
  return typeof (result as { pages?: unknown } | undefined)?.pages === 'function';
}

function isInvalid(outcome: Outcome): boolean {
  return 'error' in outcome && isAnySeriesError(outcome.error) && outcome.error.code === 'invalid';
}

function compareOutcome({ response }: Step, outcome: Outcome, gives: (body: unknown) => unknown): Difference[] {
  const { status, body } = response;
  const text = body ?? '';
  // where a redirect is an answer, a client reads it
  if (status < 400) {
    if ('error' in outcome) return [{ where: 'result', expected: 'a success', received: String(outcome.error) }];
    return compareJson(gives(text === '' ? undefined : readBody(response, text)), outcome.value, exactly, 'result');
  }
  if ('value' in outcome) return [{ where: 'result', expected: `an error for status ${status}`, received: show(outcome.value) }];
  const message = isAnySeriesError(outcome.error) ? outcome.error.message : `no AnySeriesError: ${outcome.error}`;
  // a long text is told by its beginning
  const missing = [String(status), text.slice(0, 100)].filter((part) => !message.includes(part));
  return missing.map((part) => ({ where: 'error', expected: `a message with ${JSON.stringify(part)}`, received: message }));
}

/** JSON, or a text of another kind as it is. */
function readBody({ headers }: VectorResponse, text: string): unknown {
  const type = mediaType(headers);
  return type === '' || type === 'application/json' ? parseExactJson(text) : text;
}

function findOperation<Client>({ method, target }: VectorRequest, { operations }: Calls<Client>): Operation<Client> | undefined {
  return operations.find((operation) => operation.method === method && matchPath(operation.path, target) !== undefined);
}

/** The parts of a target that a pattern names; `undefined`: it is another path. */
function matchPath(pattern: string, target: string): Record<string, string> | undefined {
  const segmentsOf = (path: string) => path.split('?')[0]!.replace(/\/$/, '').split('/');
  const [names, segments] = [segmentsOf(pattern), segmentsOf(target)];
  if (names.length !== segments.length) return undefined;
  const part: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    const braced = /^\{(.+)\}$/.exec(name)?.[1];
    if (braced !== undefined) part[braced] = percentDecoded(segments[i]!);
    else if (name !== segments[i]) return undefined;
  }
  return part;
}

function decode(sent: VectorRequest, { path }: Pick<Operation<never>, 'path'>): DecodedRequest {
  const { target, body } = sent;
  const query = Map.groupBy(
    parametersOf(target).filter(([, value]) => value !== ''),
    ([name]) => name,
  );
  return {
    part: matchPath(path, target) ?? {},
    query: new Map([...query].map(([name, pairs]) => [name, pairs.map(([, value]) => value)])),
    body: parseOrNothing(body),
    sent,
  };
}

function parseOrNothing(text: string | null): unknown {
  try {
    return text === null ? undefined : parseExactJson(text);
  } catch {
    return undefined;
  }
}
