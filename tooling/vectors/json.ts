/** One thing that is not as the document has it. */
export interface Difference {
  /** `status line`, `header Link`, `body.data[1].v` */
  readonly where: string;
  readonly expected: string;
  readonly received: string;
}

export interface JsonRules {
  /** How far numbers may differ, relative to the larger one. */
  readonly tolerance: number;
  /** Objects that were received may have further members. */
  readonly subset: boolean;
  /** Members whose text is not compared. */
  readonly freeMembers: ReadonlySet<string>;
  /** Whether a text that was received is the expected one; may bind it. */
  isSameText(expected: string, received: string): boolean;
  /** What a member is called that the document calls `name`. */
  memberName(name: string): string;
}

export const exactly: JsonRules = {
  tolerance: 0,
  subset: false,
  freeMembers: new Set(),
  isSameText: (expected, received) => expected === received,
  memberName: (name) => name,
};

/** JSON with integers that a double cannot hold as `bigint`, so that they compare by every digit. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
    const isUnsafe = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '');
    return isUnsafe ? BigInt(context!.source!) : value;
  });
}

/** Every place where a value of JSON is not the expected one: objects in any order, arrays in order, numbers by value. */
export function compareJson(expected: unknown, received: unknown, rules: JsonRules, where = 'body'): Difference[] {
  if (isNumber(expected) && isNumber(received)) return areClose(expected, received, rules.tolerance) ? [] : [differ()];
  if (typeof expected === 'string' && typeof received === 'string') return rules.isSameText(expected, received) ? [] : [differ()];
  if (Array.isArray(expected) && Array.isArray(received)) return compareArrays(expected, received, rules, where);
  if (isObject(expected) && isObject(received)) return compareObjects(expected, received, rules, where);
  return expected === received ? [] : [differ()];

  function differ(): Difference {
    return { where, expected: show(expected), received: show(received) };
  }
}

function compareArrays(expected: readonly unknown[], received: readonly unknown[], rules: JsonRules, where: string): Difference[] {
  const shared = Math.min(expected.length, received.length);
  const differences = expected.slice(0, shared).flatMap((each, i) => compareJson(each, received[i], rules, `${where}[${i}]`));
  if (expected.length === received.length) return differences;
  return [...differences, { where, expected: `${expected.length} elements`, received: `${received.length} elements` }];
}

type JsonObject = Readonly<Record<string, unknown>>;

function compareObjects(expected: JsonObject, received: JsonObject, rules: JsonRules, where: string): Difference[] {
  const wanted = new Map(present(expected).map(([name, value]) => [rules.memberName(name), value]));
  const given = new Map(present(received));
  const differences = [...wanted].flatMap(([name, value]) => {
    const place = `${where}.${name}`;
    if (!given.has(name)) return [{ where: place, expected: show(value), received: 'nothing' }];
    if (rules.freeMembers.has(name) && typeof given.get(name) === typeof value) return [];
    return compareJson(value, given.get(name), rules, place);
  });
  const further = rules.subset ? [] : [...given].filter(([name]) => !wanted.has(name));
  return [...differences, ...further.map(([name, value]) => ({ where: `${where}.${name}`, expected: 'nothing', received: show(value) }))];
}

/** A member that is `undefined` is none: JSON has no such value, and results of calls may. */
function present(object: JsonObject): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areClose(a: number | bigint, b: number | bigint, tolerance: number): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: 4n is 4
  if (a == b) return true;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
}

/** A value for people, cut where it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value, (_name, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)) ?? String(value);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

/** The differences as lines for people. */
export function describeDifferences(differences: readonly Difference[]): string {
  return differences.map(({ where, expected, received }) => `  ${where}\n    expected ${expected}\n    received ${received}`).join('\n');
}
