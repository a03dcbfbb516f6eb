import type { IncomingMessage } from 'node:http';

/** A body in one piece, or why there is none: longer than it may be, no memory left for it, or its end never came. */
export type Body = Uint8Array | 'too-large' | 'no-room' | 'cut-off';

/** The memory that the bodies of all requests share. */
export interface BodyRoom {
  /** Reads a body to its end, or until it is longer than a body may be. Its bytes are held until `release`. */
  read(incoming: IncomingMessage): Promise<Body>;
  /** Gives back the bytes that a request has taken. */
  release(incoming: IncomingMessage): void;
  /** Whether the length that a request declares is more than a body may have. */
  isTooLarge(incoming: IncomingMessage): boolean;
}

const nothing = new Uint8Array();

export function createBodyRoom(bodyBytes: number, heldBytes: number): BodyRoom {
  const taken = new WeakMap<IncomingMessage, number>();
  let held = 0;

  function isTooLarge(incoming: IncomingMessage): boolean {
    return Number(incoming.headers['content-length'] ?? 0) > bodyBytes;
  }

  return {
    isTooLarge,

    async read(incoming) {
      if (!hasBody(incoming)) return nothing;
      return await new Promise((resolve) => {
        const chunks: Uint8Array[] = [];
        let length = 0;
        const settle = (body: Body) => {
          incoming.off('data', take);
          resolve(body);
        };
        const take = (chunk: Uint8Array) => {
          length += chunk.byteLength;
          held += chunk.byteLength;
          taken.set(incoming, length);
          if (length > bodyBytes) return settle('too-large');
          if (held > heldBytes) return settle('no-room');
          chunks.push(chunk);
        };
        incoming.on('data', take);
        incoming.once('end', () => settle(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
        incoming.once('close', () => settle('cut-off'));
        incoming.on('error', () => {});
      });
    },

    release(incoming) {
      held -= taken.get(incoming) ?? 0;
      taken.delete(incoming);
    },
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
