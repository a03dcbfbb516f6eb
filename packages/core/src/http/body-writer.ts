/**
 * Takes the parts of a request's body, one after the other. Encoders that every point passes through use it instead of joining strings, which
 * are built twice, as text and as bytes, and leave far more to collect.
 */
export interface BodyWriter {
  /** Text of nothing but ASCII: numbers, and what stands between values. @throws RangeError for any other */
  ascii(text: string): void;
  /** Bytes as they are: a text that comes again and again, encoded once by {@link utf8}. */
  bytes(bytes: Uint8Array): void;
  /** A whole number from 0 to 2^53 - 1, in decimal digits. */
  integer(number: number): void;
}

const encoder = new TextEncoder();
const firstSize = 64 * 1024;
const mostDigits = 16;
/** So many digits at once are those of a small integer, which are computed faster than those of a double. */
const groupDigits = 6;
const group = 10 ** groupDigits;
const zero = 48;

/** What bodies are put together in, one at a time; it keeps the size of the largest. */
let buffer = new Uint8Array(firstSize);
let length = 0;

const writer: BodyWriter = {
  ascii(text) {
    const added = text.length;
    const to = bufferWith(added);
    let seen = 0;
    for (let i = 0; i < added; i++) {
      const code = text.charCodeAt(i);
      seen |= code;
      to[length + i] = code;
    }
    if (seen > 0x7f) throw new RangeError(`${JSON.stringify(text)} is not ASCII: use bytes(utf8(text))`);
    length += added;
  },
  bytes(bytes) {
    const added = bytes.length;
    const to = bufferWith(added);
    // most are so short that a call of set() takes longer
    for (let i = 0; i < added; i++) to[length + i] = bytes[i]!;
    length += added;
  },
  integer(number) {
    const to = bufferWith(mostDigits);
    let digits = 1;
    for (let power = 10; power <= number; power *= 10) digits++;
    let end = length + digits;
    let left = number;
    while (left >= group) {
      const high = Math.floor(left / group);
      putDigits(left - high * group, to, end - groupDigits, end);
      left = high;
      end -= groupDigits;
    }
    putDigits(left, to, length, end);
    length += digits;
  },
};

/** The body that a function writes. */
export function writeBody(write: (body: BodyWriter) => void): Uint8Array<ArrayBuffer> {
  length = 0;
  write(writer);
  return buffer.slice(0, length);
}

/** The bytes of any text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The buffer, with room for so many bytes more. */
function bufferWith(more: number): Uint8Array {
  if (length + more > buffer.length) {
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + more));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  }
  return buffer;
}

/** Puts the digits of a small integer into `[start, end)`, with zeros in front. */
function putDigits(number: number, to: Uint8Array, start: number, end: number): void {
  let left = number | 0;
  for (let at = end - 1; at >= start; at--) {
    const tenth = (left / 10) | 0;
    to[at] = zero + left - tenth * 10;
    left = tenth;
  }
}
