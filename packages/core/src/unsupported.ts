import { AnySeriesError } from './errors.ts';

/** A method that is not among the declared capabilities: it fails however it is called. */
export function unsupported(id: string, method: string): (...input: readonly unknown[]) => never {
  return () => {
    throw unsupportedError(id, method);
  };
}

export function unsupportedError(id: string, what: string): AnySeriesError {
  return new AnySeriesError('unsupported', `${what}: ${id} does not declare this capability`, { provider: id });
}
