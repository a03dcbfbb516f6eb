import type { Socket } from 'node:net';

/** Reads the requests of a connection part by part, no faster than it is asked to. Bodies have a `content-length`. */
export interface RequestReader {
  /** Waits for the head of the next request, and answers its bytes; nothing when the client has ended. */
  next(): Promise<Buffer | undefined>;
  /** Bytes of the body that were not read yet. */
  readonly left: number;
  /** The next part of the body, at most so many bytes. */
  part(most: number): Promise<Buffer>;
  /** Reads to the end of the connection, for nothing. */
  discardAll(): Promise<void>;
}

const headEnd = '\r\n\r\n';

export function createRequestReader(socket: Socket): RequestReader {
  const chunks: AsyncIterator<Buffer> = socket.iterator({ destroyOnReturn: false });
  let buffered: Buffer = Buffer.alloc(0);
  let left = 0;

  async function readMore(): Promise<boolean> {
    const { done, value } = await chunks.next();
    if (done === true) return false;
    buffered = buffered.length === 0 ? value : Buffer.concat([buffered, value]);
    return true;
  }

  function take(length: number): Buffer {
    const taken = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return taken;
  }

  return {
    get left() {
      return left;
    },
    async next() {
      let end = buffered.indexOf(headEnd);
      while (end === -1) {
        if (!(await readMore())) return undefined;
        end = buffered.indexOf(headEnd);
      }
      const head = take(end + headEnd.length);
      left = Number(/^content-length: *(\d+)/im.exec(head.toString('latin1'))?.[1] ?? 0);
      return head;
    },
    async part(most) {
      if (buffered.length === 0 && !(await readMore())) throw new Error('the client ended within a body');
      const part = take(Math.min(most, left, buffered.length));
      left -= part.length;
      return part;
    },
    async discardAll() {
      while (await readMore()) buffered = Buffer.alloc(0);
    },
  };
}
