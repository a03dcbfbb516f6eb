import { AnySeriesError, invalid } from '../errors.ts';

/**
 * Seals what must be read again in clear, such as the key that tokens are signed with, so that a store never holds it in clear. AES-256-GCM with a
 * nonce of its own for every text.
 */
export interface Vault {
  /** @param name what it is; a sealed text opens under its own name only */
  seal(secret: string, name: string): Promise<string>;
  /** @throws AnySeriesError `unauthenticated` where it was sealed with another key, under another name, or is damaged */
  open(sealed: string, name: string): Promise<string>;
}

const keyBytes = 32;
const nonceBytes = 12;

/** @param key 32 bytes that no store holds, in hexadecimal digits or base64. @throws AnySeriesError `invalid` that does not show the key */
export function createVault(key: string): Vault {
  const bytes = readKey(key);
  let imported: Promise<CryptoKey> | undefined;
  const cryptoKey = () => {
    imported ??= crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    return imported;
  };
  const algorithm = (iv: Uint8Array<ArrayBuffer>, name: string) => ({
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(name),
  });

  return {
    async seal(secret, name) {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const sealed = await crypto.subtle.encrypt(algorithm(nonce, name), await cryptoKey(), new TextEncoder().encode(secret));
      return btoa(String.fromCharCode(...nonce, ...new Uint8Array(sealed)));
    },

    async open(sealed, name) {
      try {
        const whole = fromBase64(sealed);
        const nonce = whole.slice(0, nonceBytes);
        const opened = await crypto.subtle.decrypt(algorithm(nonce, name), await cryptoKey(), whole.slice(nonceBytes));
        return new TextDecoder().decode(opened);
      } catch {
        throw new AnySeriesError('unauthenticated', `${name} was sealed with another key than the gateway has now (ANYSERIES_GATEWAY_KEY)`);
      }
    },
  };
}

function readKey(text: string): Uint8Array<ArrayBuffer> {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? fromHex(text) : /^[A-Za-z0-9+/]{43}=?$/.test(text) ? fromBase64(text) : undefined;
  if (bytes?.length === keyBytes) return bytes;
  throw invalid('ANYSERIES_GATEWAY_KEY', `is no key of ${keyBytes} bytes in hexadecimal digits or base64`);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
