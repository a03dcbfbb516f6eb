const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Decodes a part of a request line. Bytes beyond ASCII may be percent-encoded or come as they are, each as one character, which is how HTTP
 * servers hand them over; a `%` that begins no escape stands for itself.
 *
 * @returns `undefined` where the bytes are no UTF-8
 */
export function decodePart(text: string): string | undefined {
  if (/^[^%\u0080-\uffff]*$/.test(text)) return text;
  try {
    return utf8.decode(toBytes(text));
  } catch {
    return undefined;
  }
}

function toBytes(text: string): Uint8Array {
  const pieces = text.split(/((?:%[\da-f]{2})+)/i);
  const bytes: number[] = [];
  for (const [i, piece] of pieces.entries()) {
    if (i % 2 === 1) for (let at = 1; at < piece.length; at += 3) bytes.push(Number.parseInt(piece.slice(at, at + 2), 16));
    else for (const byte of isBytes(piece) ? Uint8Array.from(piece, (char) => char.charCodeAt(0)) : encoder.encode(piece)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function isBytes(text: string): boolean {
  return !/[\u0100-\uffff]/.test(text);
}
