/** The API key names the database, and opens it together with the secret. */
export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** The value of `Authorization`: Basic, over UTF-8; the service never asks for it, so it goes with every request (section 3 of the document). */
export function basicAuthorization({ key, secret }: Credentials): string {
  const bytes = new TextEncoder().encode(`${key}:${secret}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
