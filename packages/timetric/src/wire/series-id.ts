/** A new series id: a random UUID in URL-safe Base64, 22 characters ("Resources and endpoints"). */
export function createSeriesId(): string {
  const bytes = Uint8Array.from(crypto.randomUUID().replaceAll('-', '').match(/../g)!, (digits) => Number.parseInt(digits, 16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The id in the address of a series: the last piece but one, so that one without the final slash has none. */
export function seriesIdOf(location: string): string | undefined {
  return /\/([^/?#]+)\/(?:[?#].*)?$/.exec(location)?.[1];
}
