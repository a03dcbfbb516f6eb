import { percentDecoded, type Setup, type VectorRequest } from './vector.ts';

/**
 * What a server calls the things that it names itself. The document shows one run; another run has other ids, and the same ones all along:
 * a value is bound where it appears first, replaced in what is sent later, and expected in every later answer.
 */
export interface Bindings {
  /** Takes in what a request of the document says, so that it is never mistaken for something the server made. */
  learn(request: VectorRequest): void;
  /** A text of the document as this server has it. */
  translate(text: string): string;
  /** Whether a text of an answer is that of the document; binds what the document lets the server choose. */
  isSameText(expected: string, received: string): boolean;
  /**
   * The same for a text in which the server may name something anew: what the patterns find in the expected text. What the request named is only
   * repeated, and so has to be the same.
   */
  isSameOrNew(expected: string, received: string, patterns: readonly RegExp[]): boolean;
  /** Binds the target of a link, which a client has to take as it is. False if it was bound to another before. */
  bindTarget(expected: string, received: string): boolean;
  /** The target that a request of the document has here. */
  translateTarget(target: string): string;
}

/** Sentences of a setup that leave ids to the server. */
const idsAreTheServers = /\bids?\b[^.]*\b(made by the server|vary|differ|bind (them|each))\b/i;

export function createBindings(setup: Setup): Bindings {
  const received = new Map<string, string>();
  const expected = new Map<string, string>();
  const targets = new Map<string, string>();
  const mayBindIds = idsAreTheServers.test(setup.text);
  let said = JSON.stringify(setup);
  let asked = '';

  function bind(ours: string, theirs: string): boolean {
    if ((received.get(ours) ?? theirs) !== theirs || (expected.get(theirs) ?? ours) !== ours) return false;
    received.set(ours, theirs);
    expected.set(theirs, ours);
    return true;
  }

  function replaceBound(text: string, write: (value: string) => string): string {
    if (received.size === 0) return text;
    const names = [...received.keys()].flatMap((name) => [name, encodeURIComponent(name)]);
    const anyName = new RegExp([...new Set(names)].map(escapeRegExp).join('|'), 'g');
    return text.replace(anyName, (name) => write(received.get(name) ?? received.get(decodeURIComponent(name))!));
  }

  function bindPlaceholders(text: string, theirs: string): boolean {
    const pattern = text.split(placeholder).map(escapeRegExp).join('([^\\s"]+)');
    const values = new RegExp(`^${pattern}$`).exec(theirs)?.slice(1);
    return values !== undefined && Array.from(text.matchAll(placeholder), ([name]) => name).every((name, i) => bind(name, values[i]!));
  }

  function nameAnew(text: string, theirs: string, patterns: readonly RegExp[]): boolean {
    const found = patterns.flatMap((pattern) => Array.from(text.matchAll(pattern), ([, name]) => name!));
    const names = [...new Set(found)].filter((name) => !asked.includes(name));
    if (names.length === 0) return false;
    const parts = text.split(new RegExp(`(${names.map(escapeRegExp).join('|')})`));
    const pattern = parts.map((part, i) => (i % 2 === 1 ? '([\\w-]+)' : escapeRegExp(translate(part)))).join('');
    const values = new RegExp(`^${pattern}$`).exec(theirs)?.slice(1);
    const isSame = values?.every((value, i) => value.length === parts[2 * i + 1]!.length) ?? false;
    if (isSame) for (const [i, value] of values!.entries()) rebind(parts[2 * i + 1]!, value);
    return isSame;
  }

  function rebind(ours: string, theirs: string): void {
    const before = received.get(ours);
    if (before !== undefined) expected.delete(before);
    bind(ours, theirs) || received.set(ours, theirs);
  }

  const isLeftToServer = (text: string) => mayBindIds && isOpaque(text) && !said.includes(text);
  const translate = (text: string) => replaceBound(text, (value) => value);

  function isSameText(ours: string, theirs: string): boolean {
    const translated = translate(ours);
    if (translated.search(placeholder) >= 0) return bindPlaceholders(translated, theirs);
    if (received.has(ours) || !isLeftToServer(ours)) return translated === theirs;
    return hasShapeOf(ours, theirs) && !said.includes(theirs) && bind(ours, theirs);
  }

  return {
    learn({ target, headers, body }) {
      asked = `\n${target}\n${percentDecoded(target)}\n${headers.join('\n')}\n${body ?? ''}`;
      said += asked;
    },
    translate,
    isSameOrNew: (ours, theirs, patterns) => translate(ours) === theirs || nameAnew(ours, theirs, patterns) || isSameText(ours, theirs),
    isSameText,
    bindTarget(ours, theirs) {
      if ((targets.get(ours) ?? theirs) !== theirs) return false;
      targets.set(ours, theirs);
      return true;
    },
    translateTarget: (target) => targets.get(target) ?? replaceBound(target, encodeURIComponent),
  };
}

const placeholder = /«\w+»|\(opaque\)/g;

/** Long, without blanks, and of mixed characters: nothing that people write. */
function isOpaque(text: string): boolean {
  return text.length >= 16 && /^[\w+/=-]+$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text);
}

const alphabets = [/^[0-9a-f]+$/, /^[0-9A-F]+$/, /^[0-9A-Za-z]+$/, /^[\w-]+$/, /^[\w+/=-]+$/];

/** As long, and of the same alphabet: the narrowest that the first is in. */
function hasShapeOf(example: string, text: string): boolean {
  return text.length === example.length && alphabets.find((alphabet) => alphabet.test(example))!.test(text);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
