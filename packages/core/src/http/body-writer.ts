/**
 * Takes the parts of a request's body, one after the other. Encoders that every point passes through use it instead of joining strings, which
 * are built twice, as text and as bytes, and leave far more to collect.
 */
export interface BodyWriter {
  /** Text of nothing but ASCII. @throws RangeError for any other */
  ascii(text: string): void;
  /** Bytes as they are: a text that comes again and again, encoded once by {@link utf8}. */
  bytes(bytes: Uint8Array): void;
  /** A number, as `String` writes it. */
  number(number: number): void;
  /** A whole number from 0 to 2^53 - 1, such as a time; neighbours should be close to each other. */
  integer(number: number): void;
}

const encoder = new TextEncoder();
const firstSize = 64 * 1024;
const mostSmallDigits = 10;
const smallest = -(2 ** 31);
const largest = 2 ** 31 - 1;
/** The last digits of an integer, computed as those of a small one. Neighbours share those before them. */
const lastDigits = 6;
const lastGroup = 10 ** lastDigits;
const zero = 48;

/** What bodies are put together in, one at a time; it keeps the size of the largest. */
let buffer = new Uint8Array(firstSize);
let length = 0;

let knownHigh = 0;
let highText = new Uint8Array(0);

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
  number(number) {
    // most have three decimals or fewer, and are written in a third of the time that String takes
    const thousandths = Math.round(number * 1000);
    if (thousandths / 1000 !== number || thousandths < smallest || thousandths > largest) return writer.ascii(String(number));
    const to = bufferWith(mostSmallDigits + '-.'.length);
    if (thousandths < 0) to[length++] = '-'.charCodeAt(0);
    const positive = Math.abs(thousandths);
    const whole = Math.floor(positive / 1000);
    putDigits(whole, digitsOf(whole), to);
    const fraction = positive - whole * 1000;
    if (fraction === 0) return;
    to[length++] = '.'.charCodeAt(0);
    putDigits(fraction, 3, to);
    while (to[length - 1] === zero) length--;
  },
  integer(number) {
    if (number < lastGroup) {
      const to = bufferWith(lastDigits);
      return putDigits(number, digitsOf(number), to);
    }
    const high = Math.floor(number / lastGroup);
    if (high !== knownHigh) {
      knownHigh = high;
      highText = utf8(String(high));
    }
    writer.bytes(highText);
    putDigits(number - high * lastGroup, lastDigits, bufferWith(lastDigits));
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

/** How many decimal digits a positive small integer has. */
function digitsOf(number: number): number {
  let digits = 1;
  for (let power = 10; power <= number; power *= 10) digits++;
  return digits;
}

/** Adds the last so many digits of a positive small integer, with zeros in front. */
function putDigits(number: number, digits: number, to: Uint8Array): void {
  let left = number | 0;
  for (let at = length + digits - 1; at >= length; at--) {
    const tenth = (left / 10) | 0;
    to[at] = zero + left - tenth * 10;
    left = tenth;
  }
  length += digits;
}
