import { pageAnswer } from './answers.ts';
import { errorPage } from './pages.ts';
import { Refusal } from './refusal.ts';

/** The fields of a request, from JSON or from a form; a list stands as it is, its members have no names. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Body {
  readonly fields: Fields;
  /** The bytes behind the fields, not compressed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const mostFields = 1000;
const noFields: Fields = {};

/**
 * Reads the body of any request: JSON or a form, whatever the route ("Base URLs and transport" of the protocol document). Another type counts as
 * an empty body.
 *
 * @throws Refusal 400, 413 or 415 with an error page
 */
export async function readBody(request: Request, maxBytes: number): Promise<Body> {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').split(';').map((part) => part.trim().toLowerCase());
  const read = type === 'application/json' ? readJson : type === 'application/x-www-form-urlencoded' ? readForm : undefined;
  if (read === undefined || request.body === null) return { fields: noFields, bytes: new Uint8Array() };
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.replace(/^charset=|"/g, '') ?? 'utf-8';
  const decoder = decoderOf(charset, type);
  if (decoder === undefined) throw refusal(415, `unsupported charset "${charset.toUpperCase()}"`);
  const bytes = await readBytes(request, maxBytes);
  return { fields: read(decode(decoder, bytes)), bytes };
}

/** JSON comes in any UTF, a form in UTF-8. */
function decoderOf(charset: string, type: string): TextDecoder | undefined {
  if (type === 'application/json' ? !charset.startsWith('utf-') : charset !== 'utf-8') return undefined;
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array<ArrayBuffer>): string {
  return decoder.decode(bytes);
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate')
    throw refusal(415, `unsupported content encoding "${encoding}"`);
  const body = encoding === 'identity' ? request.body! : request.body!.pipeThrough(new DecompressionStream(encoding));
  try {
    return await collect(body, maxBytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refusal(400, encoding === 'identity' ? 'request aborted' : 'the body does not decompress');
  }
}

/** Stops at the limit, however much would follow: a small body may inflate to a huge one. */
async function collect(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > maxBytes) {
      // nobody waits for the rest to be thrown away
      reader.cancel().catch(() => {});
      throw refusal(413, 'request entity too large');
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function readJson(text: string): Fields {
  if (text === '') return noFields;
  const first = text.search(/\S/);
  if (first >= 0 && text[first] !== '{' && text[first] !== '[') throw refusal(400, unexpected(text, first));
  try {
    return JSON.parse(text) as Fields;
  } catch (error) {
    throw refusal(400, reworded((error as Error).message, text));
  }
}

/** What is wrong with the text, in the words of the service's own parser. */
function reworded(message: string, text: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return unexpected(text, Number(position));
  const token = /^Unexpected token '?(.)/su.exec(message)?.[1];
  return token === undefined ? endOfInput : `Unexpected token ${token} in JSON`;
}

function unexpected(text: string, position: number): string {
  if (position >= text.length) return endOfInput;
  return `Unexpected token ${String.fromCodePoint(text.codePointAt(position)!)} in JSON at position ${position}`;
}

const endOfInput = 'Unexpected end of JSON input';

/** A field that comes several times is a list. */
function readForm(text: string): Fields {
  const pairs = text.split('&', mostFields + 1);
  if (pairs.length > mostFields) throw refusal(413, 'too many parameters');
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of new URLSearchParams(pairs.join('&'))) {
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}

function refusal(status: number, message: string): Refusal {
  return new Refusal(pageAnswer(status, errorPage(message)));
}
