/** An assertion of a case has failed. */
class AssertionError extends Error {
  override readonly name: string = 'AssertionError';
}

export function fail(message: string): never {
  throw new AssertionError(message);
}

export function ok(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message);
}

/** Structural equality: `-0` differs from `0`, a bigint from a number, and nothing may be missing or left over. */
export function equal(actual: unknown, expected: unknown, what = 'the answer'): void {
  const difference = compare(actual, expected, '');
  if (difference !== undefined) fail(`${what}${difference}`);
}

/** Equality within a relative error. */
export function near(actual: unknown, expected: number, what = 'the answer', relative = 1e-12): void {
  const close = typeof actual === 'number' && Math.abs(actual - expected) <= relative * Math.max(Math.abs(expected), Number.MIN_VALUE);
  if (!close && actual !== expected) fail(`${what} is ${print(actual)}, expected ${print(expected)} within ${relative}`);
}

function compare(actual: unknown, expected: unknown, path: string): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  const unlike = `${path} is ${print(actual)}, expected ${print(expected)}`;
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) return unlike;
  if (isList(actual) !== isList(expected) || actual instanceof Uint8Array !== expected instanceof Uint8Array) return unlike;
  if (isList(actual) && isList(expected)) {
    if (actual.length !== expected.length) return `${path} has ${actual.length} elements, expected ${expected.length}: ${print(actual)}`;
    for (let i = 0; i < expected.length; i++) {
      const difference = compare(actual[i], expected[i], `${path}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  const fields = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  for (const field of fields) {
    const difference = compare((actual as Fields)[field], (expected as Fields)[field], `${path}.${field}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function isList(value: object): value is ArrayLike<unknown> & object {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function print(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value !== 'object' || value === null) return String(value);
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? String(value);
  return text.length > 400 ? `${text.slice(0, 397)}...` : text;
}
