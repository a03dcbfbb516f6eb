import { invalid, show } from '@anyseries/core/provider';
import { type Credential, type CredentialForm, type Credentials, randomHex } from '@anyseries/core/server';

export const protocolId = 'tempodb';

/** Keys and secrets are 32 hexadecimal digits: devices reserve room for just that. */
const randomBytes = 16;

/** How keys and their secrets are made (section 3). */
export const credentialForm: CredentialForm = {
  fields: ['key', 'secret'],
  async add(given, project, credentials) {
    const unknown = Object.keys(given).find((field) => !credentialForm.fields.includes(field));
    if (unknown !== undefined) throw invalid(unknown, `is no part of a TempoDB credential; give ${credentialForm.fields.join(' and ')}`);
    const { key = randomHex(randomBytes), secret = randomHex(randomBytes) } = given;
    checkText(key, 'key');
    checkText(secret, 'secret');
    if (key.includes(':')) throw invalid('key', `${show(key)} holds a colon, which ends the key where it is sent`);
    await credentials.add({ protocol: protocolId, id: key, project, secret });
    return { key, secret };
  },
};

/** A header carries anything but control characters. */
function checkText(text: unknown, field: string): void {
  if (typeof text !== 'string' || text === '') throw invalid(field, 'give a text that is not empty');
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) throw invalid(field, 'holds a control character or half of a surrogate pair');
}

/** The credential that a request carries, if it is right. */
export async function authenticate(headers: Headers, credentials: Credentials): Promise<Credential | undefined> {
  const basic = readBasic(headers.get('authorization') ?? '');
  return basic === undefined ? undefined : credentials.verify(protocolId, basic.key, basic.secret);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readBasic(header: string): { key: string; secret: string } | undefined {
  const encoded = /^\s*basic\s+([\w+/=-]+)\s*$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const text = utf8.decode(Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0)));
    const [, key, secret] = /^([^:\p{Cc}]+):(.*)$/su.exec(text) ?? [];
    return key === undefined ? undefined : { key, secret: secret! };
  } catch {
    return undefined;
  }
}
