import type { Bindings } from './bindings.ts';
import { compareJson, type Difference, type JsonRules, parseExactJson } from './json.ts';
import { contentOf, type Message } from './message.ts';
import { bodyBytes, headerOf, mediaType, type Setup, type VectorResponse } from './vector.ts';

/** What a protocol's documents leave open in ways that a setup has no member for. */
export interface ResponseRules {
  /** Headers that say something by not being there. */
  readonly absentUnlessShown?: readonly string[];
  /** A text with the parts made equal that are free. */
  normalizeText?(text: string): string;
  /** Find, in texts and headers of the document's answers, what a server names itself, as group 1: ids, keys, ... Global. */
  readonly named?: readonly RegExp[];
}

/** Headers that are the server's own affair. */
const freeHeaders: ReadonlySet<string> = new Set(['date', 'server', 'connection', 'keep-alive', 'vary']);

/** Every place where the answer of a server is not that of the document. */
export function compareResponses(
  expected: VectorResponse,
  received: Message,
  setup: Setup,
  bindings: Bindings,
  rules: ResponseRules = {},
): Difference[] {
  return [
    ...compareStatusLines(expected, received),
    ...compareFraming(expected, received),
    ...compareHeaders(expected, received, bindings, rules),
    ...compareBodies(expected, received, setup, bindings, rules),
  ];
}

function compareStatusLines({ version, status, reason }: VectorResponse, { startLine }: Message): Difference[] {
  const received = version === undefined ? startLine.replace(/^\S+ /, '') : startLine;
  const expected = version === undefined ? `${status} ${reason}` : `${version} ${status} ${reason}`;
  return expected === received ? [] : [{ where: 'status line', expected, received }];
}

/** An answer shown empty has to be empty on the wire too: old clients read on after a chunked one, or parse what a Content-Type promises. */
function compareFraming(expected: VectorResponse, { framing, headers }: Message): Difference[] {
  const length = headerOf(expected.headers, 'content-length');
  if (length === undefined) return [];
  const differences: Difference[] = [];
  if (framing !== 'length') differences.push({ where: 'framing', expected: 'Content-Length', received: framing });
  if (length !== '0') return differences;
  const wrong = (name: string, value: string) => differences.push({ where: `header ${name}`, expected: 'nothing', received: value });
  for (const name of ['Transfer-Encoding', 'Content-Type']) {
    const value = headerOf(headers, name);
    if (value !== undefined && headerOf(expected.headers, name) === undefined) wrong(name, value);
  }
  return differences;
}

function compareHeaders(expected: VectorResponse, received: Message, bindings: Bindings, rules: ResponseRules): Difference[] {
  const differences: Difference[] = [];
  for (const [lower, fields] of Map.groupBy(expected.headers, ([name]) => name.toLowerCase())) {
    if (freeHeaders.has(lower) || lower === 'content-length') continue;
    const values = received.headers.filter(([each]) => each.toLowerCase() === lower).map(([, each]) => each);
    const wanted = fields.map(([, value]) => value);
    // several lines of a header are one with commas
    if (wanted.length > 1 && wanted.join(', ') === values.join(', ')) continue;
    for (const value of wanted) {
      if (values.some((each) => isSameHeader(lower, value, each, bindings, rules))) continue;
      differences.push({
        where: `header ${fields[0]![0]}`,
        expected: bindings.translate(value),
        received: values.join(' | ') || 'nothing',
      });
    }
  }
  for (const name of [...(rules.absentUnlessShown ?? []), 'Content-Encoding']) {
    const value = headerOf(received.headers, name);
    if (value !== undefined && headerOf(expected.headers, name) === undefined)
      differences.push({ where: `header ${name}`, expected: 'nothing', received: value });
  }
  return differences;
}

function isSameHeader(name: string, expected: string, received: string, bindings: Bindings, { named = [] }: ResponseRules): boolean {
  if (name === 'content-type') return mediaType([[name, expected]]) === mediaType([[name, received]]);
  if (name !== 'link') return bindings.isSameOrNew(expected, received, named);
  const [ours, theirs] = [linkOf(expected), linkOf(received)];
  return ours?.parameters === theirs?.parameters && bindings.bindTarget(ours?.target ?? '', theirs?.target ?? '');
}

/** The target and the parameters of a `Link` with one link. */
export function linkOf(value: string): { target: string; parameters: string } | undefined {
  const match = /^<(?:https?:\/\/[^/>]*)?([^>]*)>\s*;?\s*(.*)$/.exec(value);
  return match === null ? undefined : { target: match[1]!, parameters: match[2]! };
}

function compareBodies(expected: VectorResponse, message: Message, setup: Setup, bindings: Bindings, rules: ResponseRules): Difference[] {
  if (setup.freeBodies?.includes(expected.status)) return [];
  const received = contentOf(message);
  if (expected.bodyDescription !== undefined) return received.length > 0 ? [] : [differ(expected.bodyDescription, 'nothing')];
  if (expected.patterns !== undefined) return comparePatterns(expected.patterns, received.toString());
  if (expected.body === null) return bodyBytes(expected).equals(received) ? [] : [differ(hex(bodyBytes(expected)), hex(received))];
  if (!isJson(expected)) return compareTexts(expected.body, received.toString(), bindings, rules);
  try {
    return compareJson(parseExactJson(expected.body), parseExactJson(received.toString()), jsonRules(setup, bindings, rules));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [differ(expected.body, `${received} (${error.message})`)];
  }
}

function compareTexts(expected: string, received: string, bindings: Bindings, rules: ResponseRules) {
  const { normalizeText = (text) => text, named = [] } = rules;
  return bindings.isSameOrNew(normalizeText(expected), normalizeText(received), named) ? [] : [differ(expected, received)];
}

function comparePatterns(patterns: readonly string[], received: string): Difference[] {
  let at = 0;
  for (const pattern of patterns) {
    const match = new RegExp(pattern, 's').exec(received.slice(at));
    if (match === null) return [differ(`… ${pattern} …`, received)];
    at += match.index + match[0].length;
  }
  return [];
}

function isJson({ headers, body }: VectorResponse): boolean {
  const type = mediaType(headers);
  return type === 'application/json' || (type === '' && /^\s*[[{]/.test(body ?? ''));
}

function jsonRules({ text, bodyMatch, freeMembers = [] }: Setup, bindings: Bindings, rules: ResponseRules): JsonRules {
  const normalize = rules.normalizeText ?? ((each) => each);
  return {
    tolerance: Number(/relative tolerance (\d+e-\d+)/.exec(text)?.[1] ?? 0),
    subset: bodyMatch === 'subset',
    freeMembers: new Set(freeMembers),
    isSameText: (expected, received) => bindings.isSameText(normalize(expected), normalize(received)),
    memberName: bindings.translate,
  };
}

function differ(expected: string, received: string): Difference {
  return { where: 'body', expected: JSON.stringify(expected), received: JSON.stringify(received) };
}

function hex(bytes: Buffer): string {
  return bytes.length === 0 ? 'nothing' : bytes.toString('hex');
}
