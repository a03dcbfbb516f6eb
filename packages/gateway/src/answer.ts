/** Headers by their names as they are spelled on the wire, without those of framing. */
export type AnswerHeaders = Readonly<Record<string, string | string[]>>;

/** An answer before it is framed. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** A stream leaves as it comes, everything else with its length. */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  /** The length that the answer to a HEAD tells where the protocol server gives no body to measure; left out: none. */
  readonly length: number | undefined;
  /** Whether the connection ends with it. */
  readonly close: boolean;
}

const noBytes = new Uint8Array();

/** An answer of the gateway's own. */
export function plainAnswer(status: number, headers: AnswerHeaders = {}, body = ''): Answer {
  return { status, headers, body: body === '' ? noBytes : Buffer.from(body), length: 0, close: false };
}

/** An answer after which nothing more is read. */
export function lastAnswer(status: number, headers?: AnswerHeaders): Answer {
  return { ...plainAnswer(status, headers), close: true };
}

/** Framing is the gateway's alone. */
const framing: ReadonlySet<string> = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

/**
 * The answer of a protocol server. Its body is collected and leaves with its length; one that says `Transfer-Encoding: chunked` leaves as it
 * comes. The type that `Response` itself gives to an empty text is left out.
 */
export async function answerOf(response: Response): Promise<Answer> {
  const { status, body } = response;
  const headers: Record<string, string | string[]> = {};
  let close = false;
  let isStream = false;
  let length: number | undefined;
  for (const [name, value] of response.headers) {
    if (name === 'connection') close = value === 'close';
    if (name === 'transfer-encoding') isStream = value === 'chunked';
    if (name === 'content-length') length = Number(value);
    if (framing.has(name)) continue;
    const spelling = spelled(name);
    headers[spelling] = name === 'set-cookie' ? [...(headers[spelling] ?? []), value] : value;
  }
  if (body !== null && isStream) return { status, headers, body, length, close };
  const bytes = body === null ? noBytes : new Uint8Array(await response.arrayBuffer());
  if (bytes.byteLength === 0 && headers['Content-Type'] === 'text/plain;charset=UTF-8') delete headers['Content-Type'];
  return { status, headers, body: bytes, length, close };
}

/** `Headers` tells names in lower case; old devices look for `Content-Type`. */
function spelled(name: string): string {
  let spelling = spellings.get(name);
  if (spelling === undefined) {
    spelling = name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
    if (spellings.size < 200) spellings.set(name, spelling);
  }
  return spelling;
}

const spellings = new Map([
  ['etag', 'ETag'],
  ['www-authenticate', 'WWW-Authenticate'],
]);

/** The headers with one more name in `Vary`. */
export function withVary(headers: AnswerHeaders, name: string): AnswerHeaders {
  return { ...headers, Vary: headers.Vary === undefined ? name : `${headers.Vary}, ${name}` };
}
