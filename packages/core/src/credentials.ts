import { AnySeriesError, show } from './errors.ts';

export interface CredentialSpec {
  /** The setting's name: `token`. */
  readonly setting: string;
  /** The variable that stands in for it: `TEMPODB_KEY`. */
  readonly variable: string;
}

/**
 * A credential from the settings, or else from its environment variable. An empty text counts as absent.
 *
 * @throws AnySeriesError `unauthenticated` that names the setting and the variable, never a value; `invalid` where it is no text
 */
export function readCredential(given: unknown, { setting, variable }: CredentialSpec): string {
  if (given !== undefined && given !== '' && typeof given !== 'string')
    throw new AnySeriesError('invalid', `${setting}: ${typeof given} is no text`);
  const found = given || readVariable(variable);
  if (found !== undefined) return found;
  throw new AnySeriesError('unauthenticated', `${show(setting)} is missing: give the setting, or set the environment variable ${variable}`);
}

/** An environment variable where the platform has any; an empty one counts as absent. */
export function readVariable(name: string): string | undefined {
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env;
  return environment?.[name] || undefined;
}
