/** Percent-encoding as OAuth wants it: of the UTF-8 of a text, letters, digits and `- . _ ~` stay ("Percent-encoding" of the protocol document). */
export function encodePercent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
