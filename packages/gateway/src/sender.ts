import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '@anyseries/core';
import type { Answer } from './answer.ts';

/** Frames answers. */
export interface Sender {
  /** @param sent is told the number of bytes of the body, in parts where it is a stream */
  send(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer, sent: (bytes: number) => void): Promise<void>;
}

/** @param isStopping whether connections are to end with their answers */
export function createSender(clock: Clock, isStopping: () => boolean): Sender {
  const date = createDate(clock);

  return {
    async send(incoming, outgoing, { status, headers, body, length, close }, sent) {
      if (outgoing.destroyed) return;
      if (close || incoming.httpVersion === '1.0' || isStopping()) outgoing.shouldKeepAlive = false;
      outgoing.sendDate = false;
      if (!(body instanceof Uint8Array)) {
        outgoing.writeHead(status, { ...headers, Date: date() });
        return await stream(body, incoming, outgoing, sent);
      }
      const isHead = incoming.method === 'HEAD';
      const told = isHead && body.byteLength === 0 ? length : body.byteLength;
      const hasLength = told !== undefined && status !== 204 && status !== 304;
      outgoing.writeHead(status, { ...headers, Date: date(), ...(hasLength ? { 'Content-Length': told } : {}) });
      if (!isHead) sent(body.byteLength);
      if (close && !incoming.complete) {
        outgoing.flushHeaders();
        await discard(incoming);
      }
      // without a body the head leaves in one piece
      if (body.byteLength === 0) outgoing.end();
      else outgoing.end(body);
    },
  };
}

async function stream(
  body: ReadableStream<Uint8Array>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  sent: (bytes: number) => void,
): Promise<void> {
  if (incoming.method === 'HEAD') {
    await body.cancel();
    return void outgoing.end();
  }
  await pipeline(
    Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
    async function* count(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        sent(chunk.byteLength);
        yield chunk;
      }
    },
    outgoing,
  ).catch((error: NodeJS.ErrnoException) => {
    // a client may leave in the middle
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** How much, and how long, is read and thrown away so that a client that still sends gets to see its answer. */
const mostDiscarded = 1024 * 1024;
const discardingMs = 1000;

function discard(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let length = 0;
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(stop, discardingMs);
    incoming.on('data', (chunk: Uint8Array) => {
      length += chunk.byteLength;
      if (length > mostDiscarded) stop();
    });
    incoming.once('close', stop).once('end', stop).resume();
  });
}

/** The header `Date`, made once a second. */
function createDate(clock: Clock): () => string {
  let second = Number.NaN;
  let text = '';
  return () => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1000).toUTCString();
    }
    return text;
  };
}
