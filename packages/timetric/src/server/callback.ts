/** The user copies the verifier instead of being sent somewhere. */
export function isOutOfBand(callback: string): boolean {
  return callback === 'oob';
}

/** Schemes that do something in a browser instead of leading to a program. */
const forbidden: ReadonlySet<string> = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'view-source:',
  'filesystem:',
]);

/** A URL with scheme and host that a browser may be sent to; programs on phones have schemes of their own. */
export function readCallback(text: string): string | undefined {
  if (text.length > 2083 || !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  return host === '' || forbidden.has(protocol) ? undefined : text;
}
