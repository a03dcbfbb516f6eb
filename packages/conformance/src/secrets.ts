import { fail } from './assertion.ts';

/** Fails when a secret appears anywhere in an error: message, stack, fields, causes. */
export function checkSecrets(error: unknown, secrets: readonly string[]): void {
  const seen = new Set<unknown>();

  function look(value: unknown, path: string): void {
    if (typeof value === 'string') {
      const secret = secrets.find((each) => value.includes(each) || value.includes(encodeURIComponent(each)));
      if (secret !== undefined) fail(`a secret appears in ${path} of the error`);
      return;
    }
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const name of Reflect.ownKeys(value)) look(readField(value, name), `${path}.${String(name)}`);
    const entries = value instanceof Headers || value instanceof Map ? [...value.entries()] : [];
    for (const [name, entry] of entries) look(entry, `${path}.${String(name)}`);
  }

  look(error, 'error');
  look(safeJson(error), 'the JSON');
}

function readField(value: object, name: PropertyKey): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

function safeJson(error: unknown): string {
  try {
    return JSON.stringify(error) ?? '';
  } catch {
    return '';
  }
}
