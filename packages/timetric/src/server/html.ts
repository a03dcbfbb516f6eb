const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it stands between tags and in quotes, of HTML and of XML. */
export function escapeHtml(text: string): string {
  // XML has no way to say control characters
  return text.replace(/[\p{Cc}]/gu, ' ').replace(/[&<>"']/g, (char) => entities[char]!);
}
