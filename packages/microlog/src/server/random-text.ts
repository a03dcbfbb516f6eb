const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const length = 20;

/** A token or an id as the service made them: 20 characters of `0-9A-Za-z`, from a cryptographic source, each as likely. */
export function randomText(): string {
  let text = '';
  while (text.length < length) {
    // 62 goes into 256 four times; what is beyond would favour the first characters
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) if (byte < 248 && text.length < length) text += alphabet[byte % 62];
  }
  return text;
}
