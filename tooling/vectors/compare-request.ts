import { compareJson, type Difference, exactly, parseExactJson } from './json.ts';
import type { Message } from './message.ts';
import { bodyBytes, type Header, headerOf, mediaType, percentDecoded, type VectorRequest } from './vector.ts';

/** What a document leaves open in requests. */
export interface RequestRules {
  /** `/series` is `/series/`. */
  readonly trailingSlashIsOptional?: boolean;
  /** `tz=` is no parameter. */
  readonly emptyParametersAreAbsent?: boolean;
  readonly freeHeaders?: readonly string[];
  /** What a request says, as JSON, where it may be said in several ways; then this is compared and nothing else. */
  meaning?(request: SentRequest): unknown;
}

/** A request as it is looked at for its meaning. */
export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

/** Headers that say how a request travels, not what it asks for. */
const travelHeaders: ReadonlySet<string> = new Set(['host', 'connection', 'user-agent', 'accept', 'accept-encoding', 'content-length']);

/** Every place where the request of a client does not say what that of the document says. */
export function compareRequests(expected: VectorRequest, received: Message, rules: RequestRules = {}): Difference[] {
  const [method = '', target = ''] = received.startLine.split(' ');
  if (rules.meaning !== undefined) {
    const [ours, theirs] = [
      { ...expected, body: bodyBytes(expected).toString() },
      { method, target, headers: received.headers, body: received.body.toString() },
    ];
    return compareJson(rules.meaning(ours), rules.meaning(theirs), exactly, 'meaning');
  }
  return [
    ...compareTexts('method', expected.method, method),
    ...compareTexts('path', pathOf(expected.target, rules), pathOf(target, rules)),
    ...compareTexts('query', queryOf(expected.target, rules), queryOf(target, rules)),
    ...compareHeaders(expected, received, rules),
    ...compareBodies(expected, received),
  ];
}

function compareTexts(where: string, expected: string, received: string): Difference[] {
  return expected === received ? [] : [{ where, expected, received }];
}

/** The segments of a path, decoded: `["v1","series","pump/3 a"]`. */
function pathOf(target: string, { trailingSlashIsOptional = false }: RequestRules): string {
  const path = target.split('?')[0]!;
  const segments = path.split('/').slice(1).map(percentDecoded);
  if (trailingSlashIsOptional && segments.length > 1 && segments.at(-1) === '') segments.pop();
  return JSON.stringify(segments);
}

/** The parameters of a target, decoded and by name; those of one name stay in order. */
export function parametersOf(target: string): [name: string, value: string][] {
  const at = target.indexOf('?');
  return at < 0 ? [] : [...new URLSearchParams(target.slice(at + 1))];
}

function queryOf(target: string, { emptyParametersAreAbsent = false }: RequestRules): string {
  const parameters = parametersOf(target).filter(([, value]) => value !== '' || !emptyParametersAreAbsent);
  return JSON.stringify(parameters.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function compareHeaders(expected: VectorRequest, received: Message, { freeHeaders = [] }: RequestRules): Difference[] {
  return expected.headers
    .filter(([name]) => !travelHeaders.has(name.toLowerCase()) && !freeHeaders.includes(name.toLowerCase()))
    .flatMap(([name, value]) => {
      const given = headerOf(received.headers, name);
      const isType = name.toLowerCase() === 'content-type' && given !== undefined;
      const [ours, theirs] = isType ? [mediaType([[name, value]]), mediaType([[name, given]])] : [value, given ?? 'nothing'];
      return compareTexts(`header ${name}`, ours, theirs);
    });
}

function compareBodies(expected: VectorRequest, { body }: Message): Difference[] {
  const [ours, theirs] = [bodyBytes(expected).toString(), body.toString()];
  try {
    return compareJson(parseExactJson(ours), parseExactJson(theirs), exactly);
  } catch {
    return compareTexts('body', ours, theirs);
  }
}
