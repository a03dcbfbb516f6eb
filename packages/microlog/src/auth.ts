/** The account's name, and the token with which programs write to its graphs. */
export interface Credentials {
  readonly username: string;
  readonly token: string;
}

/**
 * The body of a write: credentials travel in it, in front of the datasets ("API token (in the body)" of the protocol document).
 *
 * @param datasets JSON
 */
export function authorizedBody(head: string, datasets: string): string {
  return `${head}${datasets}}`;
}

/** What {@link authorizedBody} begins with, made once. */
export function bodyHead({ username, token }: Credentials): string {
  return `{"api_username":${JSON.stringify(username)},"api_token":${JSON.stringify(token)},"datasets":`;
}

/** The value of `Authorization` for reading (EXTENSION): Basic, over UTF-8. */
export function basicAuthorization({ username, token }: Credentials): string {
  const bytes = new TextEncoder().encode(`${username}:${token}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}

/** The session that an answer opens or renews. */
export function sessionIn(headers: Headers): string | undefined {
  const cookies = [...headers.getSetCookie(), headers.get('set-cookie') ?? ''];
  return cookies.map((cookie) => /^\s*token=([^;\s]+)/.exec(cookie)?.[1]).find((token) => token !== undefined);
}
