import type { Parameter, SignedUrl } from './base-string.ts';
import { signatureBaseString } from './base-string.ts';
import { hmacSignature, signingKey } from './signature.ts';

/** A key and its secret: of a consumer or of a token. */
export interface KeyPair {
  readonly key: string;
  readonly secret: string;
}

/** A request as far as it is signed. */
export interface RequestToSign {
  readonly method: string;
  readonly url: SignedUrl;
  /** Those of the query and of a form; not those of a multipart body. */
  readonly parameters: readonly Parameter[];
}

/** Who signs, and when. */
export interface Signer {
  readonly consumer: KeyPair;
  /** None for the call that asks for a request token. */
  readonly token?: KeyPair | undefined;
  /** `oauth_callback` or `oauth_verifier`. */
  readonly more?: readonly Parameter[] | undefined;
  readonly nonce: string;
  /** Whole seconds since 1970. */
  readonly timestamp: number;
}

/** The parameters of OAuth for a request, the signature last. */
export async function signRequest({ method, url, parameters }: RequestToSign, signer: Signer): Promise<Parameter[]> {
  const { consumer, token, more = [], nonce, timestamp } = signer;
  const own: Parameter[] = [
    ['oauth_consumer_key', consumer.key],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(timestamp)],
    ['oauth_version', '1.0'],
    ...(token === undefined ? [] : [['oauth_token', token.key] as const]),
    ...more,
  ];
  const baseString = signatureBaseString(method, url, [...parameters, ...own]);
  const signature = await hmacSignature(baseString, signingKey(consumer.secret, token?.secret ?? ''));
  return [...own, ['oauth_signature', signature]];
}

/** A nonce that no other request has: 128 random bits, in hexadecimal digits. */
export function createNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(16).padStart(8, '0')).join('');
}
