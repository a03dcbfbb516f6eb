import { createHmac } from 'node:crypto';
import type { OAuthSignature } from './vector.ts';

/**
 * Rewrites the signature in the texts of a request whose ids and keys are other ones than in the document: it is computed from what the document
 * signs, with these put in. A signature that is meant to be wrong stays.
 */
export function resign(oauth: OAuthSignature | undefined, translate: (text: string) => string): (text: string) => string {
  if (oauth?.valid !== true) return (text) => text;
  const { signatureMethod, key = '', baseString = '', signature } = oauth;
  const ours = signatureMethod === 'PLAINTEXT' ? translate(key) : hmac(translate(baseString), translate(key));
  return (text) => text.replaceAll(encodeURIComponent(signature), encodeURIComponent(ours));
}

export function hmac(baseString: string, key: string): string {
  return createHmac('sha1', key).update(baseString).digest('base64');
}
