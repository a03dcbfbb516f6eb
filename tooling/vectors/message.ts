import { gunzipSync, gzipSync } from 'node:zlib';
import { bodyBytes, type Header, headerOf, type VectorRequest, type VectorResponse } from './vector.ts';

/** An HTTP message as it came over the wire. */
export interface Message {
  readonly startLine: string;
  readonly headers: readonly Header[];
  /** What tells where the body ends; `none`: there is no body. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  /** Still compressed. */
  readonly body: Buffer;
}

interface Context {
  readonly kind: 'request' | 'response';
  /** The method of the request, or of that which is answered. */
  readonly method?: string;
  /** The other side has said that nothing more comes. */
  readonly ended: boolean;
}

/**
 * Reads one message off the beginning of what has arrived; `undefined`: it is not complete yet. It is a parser of its own, strict where a
 * library forgives, because a library would hide just what these tests look at.
 *
 * @throws Error that says what is wrong with the message
 */
export function parseMessage(bytes: Buffer, context: Context): { message: Message; rest: Buffer } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = lines.map(parseHeader);
  if (/[\r\n]/.test(startLine)) throw new Error(`the start line has a bare line end: ${JSON.stringify(startLine)}`);
  const framing = framingOf(startLine, headers, context);
  const body = bytes.subarray(headEnd + 4);
  const found = readBody(framing, headers, body, context.ended);
  return found && { message: { startLine, headers, framing, body: found.body }, rest: found.rest };
}

function parseHeader(line: string): Header {
  const match = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match === null) throw new Error(`not a header: ${JSON.stringify(line)}`);
  return [match[1]!, match[2]!];
}

function framingOf(startLine: string, headers: readonly Header[], { kind, method }: Context): Message['framing'] {
  const status = kind === 'response' ? Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(startLine)?.[1]) : 0;
  if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(startLine)}`);
  const lengths = headers.filter(([name]) => name.toLowerCase() === 'content-length');
  const codings = headerOf(headers, 'transfer-encoding');
  if (lengths.length > 1) throw new Error('two Content-Length headers');
  if (lengths.length > 0 && codings !== undefined) throw new Error('Content-Length and Transfer-Encoding in one message');
  if (kind === 'response' && (method === 'HEAD' || status === 204 || status === 304)) return 'none';
  if (codings !== undefined) {
    if (codings.toLowerCase() !== 'chunked') throw new Error(`Transfer-Encoding: ${codings}`);
    return 'chunked';
  }
  if (lengths.length > 0) return 'length';
  return kind === 'request' ? 'none' : 'close';
}

function readBody(framing: Message['framing'], headers: readonly Header[], bytes: Buffer, ended: boolean) {
  if (framing === 'none') return { body: Buffer.alloc(0), rest: bytes };
  if (framing === 'chunked') return readChunks(bytes);
  if (framing === 'close') return ended ? { body: bytes, rest: Buffer.alloc(0) } : undefined;
  const text = headerOf(headers, 'content-length')!;
  if (!/^\d+$/.test(text)) throw new Error(`Content-Length: ${text}`);
  const length = Number(text);
  return bytes.length < length ? undefined : { body: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

function readChunks(bytes: Buffer): { body: Buffer; rest: Buffer } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const line = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-f]+(;.*)?$/i.test(line)) throw new Error(`not the size of a chunk: ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    const start = lineEnd + 2;
    if (bytes.length < start + size + 2) return undefined;
    if (bytes.toString('latin1', start + size, start + size + 2) !== '\r\n') throw new Error('a chunk that does not end where it says');
    if (size === 0) return { body: Buffer.concat(chunks), rest: bytes.subarray(start + 2) };
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

/** The body of a message, decompressed. */
export function contentOf({ headers, body }: Message): Buffer {
  const coding = headerOf(headers, 'content-encoding')?.toLowerCase() ?? 'identity';
  if (coding === 'gzip') return gunzipSync(body);
  if (coding !== 'identity') throw new Error(`Content-Encoding: ${coding}`);
  return body;
}

/** The bytes of a request: headers exactly as listed, and the length of the body where the list leaves it out. */
export function writeRequest({ method, target, version, headers, ...body }: VectorRequest): Buffer {
  const bytes = bodyBytes(body);
  const mayLackLength = bytes.length === 0 && (method === 'GET' || method === 'HEAD' || method === 'DELETE');
  const isFramed =
    mayLackLength || headerOf(headers, 'content-length') !== undefined || headerOf(headers, 'transfer-encoding') !== undefined;
  const all: readonly Header[] = isFramed ? headers : [...headers, ['Content-Length', String(bytes.length)]];
  return write(`${method} ${target} ${version}`, all, bytes);
}

/** The bytes of an answer: headers as listed, the body compressed where they say so, and its real length. */
export function writeResponse({ version = 'HTTP/1.1', status, reason, headers, ...body }: VectorResponse): Buffer {
  const plain = bodyBytes(body);
  const bytes = headerOf(headers, 'content-encoding')?.toLowerCase() === 'gzip' ? gzipSync(plain) : plain;
  const others = headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
  const length: readonly Header[] = status === 204 || status === 304 ? [] : [['Content-Length', String(bytes.length)]];
  return write(`${version} ${status} ${reason}`, [...others, ...length], bytes);
}

function write(startLine: string, headers: readonly Header[], body: Buffer): Buffer {
  const head = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
}
