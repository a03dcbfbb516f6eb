import { gzip, gzipSync } from 'node:zlib';
import { type Answer, withVary } from './answer.ts';

/** Up to here compressing takes less time than handing the work to another thread. */
const smallBody = 16 * 1024;

/**
 * The answer compressed, if it is text and the client takes gzip. `Content-Encoding: identity` forbids that, and does not leave: it is for services
 * whose answers never were compressed.
 */
export async function compressed(answer: Answer, acceptEncoding: string | undefined): Promise<Answer> {
  const { body } = answer;
  const { 'Content-Encoding': encoding, ...headers } = answer.headers;
  if (encoding !== undefined) return encoding === 'identity' ? { ...answer, headers } : answer;
  if (!(body instanceof Uint8Array) || body.byteLength === 0 || !isText(headers['Content-Type'])) return answer;
  const varying = withVary(headers, 'Accept-Encoding');
  if (acceptEncoding === undefined || !takesGzip(acceptEncoding)) return { ...answer, headers: varying };
  return { ...answer, headers: { ...varying, 'Content-Encoding': 'gzip' }, body: await zip(body) };
}

function isText(type: string | string[] | undefined): boolean {
  return typeof type === 'string' && /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript)\b)/i.test(type);
}

/** Whether `Accept-Encoding` names gzip, or else everything, with a weight above 0. */
function takesGzip(acceptEncoding: string): boolean {
  let everything = false;
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [coding, ...parameters] = part.split(';').map((word) => word.trim());
    const isTaken = !parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') return isTaken;
    if (coding === '*') everything = isTaken;
  }
  return everything;
}

function zip(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
  if (body.byteLength <= smallBody) return gzipSync(body);
  return new Promise((resolve, reject) => gzip(body, (error, zipped) => (error === null ? resolve(zipped) : reject(error))));
}
