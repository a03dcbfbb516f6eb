import type { Parameter } from '../oauth/base-string.ts';

/** Parameters as a query or a form body. */
export function formText(parameters: readonly Parameter[]): string {
  return new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
}

/** The parameters of a query or a form body, decoded. */
export function readForm(text: string): Parameter[] {
  return [...new URLSearchParams(text)];
}
