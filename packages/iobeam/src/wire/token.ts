import { isObject } from './json.ts';

/** The bits of `pms` (section 3.2). */
export const permissionBits = { read: 1, write: 2, admin: 4 } as const;
export type Permission = keyof typeof permissionBits;
export const allPermissions = 7;

/** What a token says of itself. Nothing of it is proven before the signature is checked. */
export interface TokenClaims {
  /** The user; 0 where the token names none. */
  readonly uid?: number;
  /** The project; a user token has none. */
  readonly pid?: number;
  /** Seconds since 1970 at which it stops being valid. */
  readonly exp?: number;
  readonly pms?: number;
  /** The device that it was asked for. */
  readonly did?: string;
  /** It cannot be refreshed. */
  readonly nrf?: boolean;
}

export interface DecodedToken {
  readonly algorithm: unknown;
  readonly claims: TokenClaims;
  /** The first two parts exactly as they came: what is signed. */
  readonly signed: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Reads a JSON Web Token without trusting it; `undefined` for a text that is none. Takes both alphabets of base64, padded or not. */
export function decodeToken(token: string): DecodedToken | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (signature === undefined || rest.length > 0) return undefined;
  const head = decodeJsonPart(header!);
  const claims = decodeJsonPart(payload!);
  const bytes = decodeBase64(signature);
  if (head === undefined || claims === undefined || bytes === undefined) return undefined;
  return { algorithm: head.alg, claims: checkedClaims(claims), signed: `${header}.${payload}`, signature: bytes };
}

/** The first two parts of a token. */
export function encodeClaims(claims: TokenClaims, kid: number): string {
  return [{ typ: 'JWT', alg: 'HS256', kid }, claims].map((part) => encodeBase64(new TextEncoder().encode(JSON.stringify(part)))).join('.');
}

/** Unpadded, with the alphabet for URLs. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** When a token expires, in epoch milliseconds; `undefined` where it does not tell. */
export function expiryOf(token: string): number | undefined {
  const exp = decodeToken(token)?.claims.exp;
  return exp === undefined ? undefined : exp * 1000;
}

function decodeJsonPart(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64(part);
  if (bytes === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function decodeBase64(part: string): Uint8Array<ArrayBuffer> | undefined {
  const plain = part.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '');
  if (plain === '' || !/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
}

/** Claims of other types than they should have are left out: they claim nothing. */
function checkedClaims({ uid, pid, exp, pms, did, nrf }: Readonly<Record<string, unknown>>): TokenClaims {
  return {
    ...(Number.isSafeInteger(uid) && { uid: uid as number }),
    ...(Number.isSafeInteger(pid) && { pid: pid as number }),
    ...(Number.isFinite(exp) && { exp: exp as number }),
    ...(Number.isSafeInteger(pms) && { pms: pms as number }),
    ...(typeof did === 'string' && { did }),
    ...(nrf === true && { nrf }),
  };
}
