import { invalid, show } from '../errors.ts';

/**
 * Builds the path of a URL; every part that is put in is percent-encoded. Providers build paths with nothing else.
 *
 * ```ts
 * path`/v1/series/key/${'a/b?c'}/data/`; // '/v1/series/key/a%2Fb%3Fc/data/'
 * ```
 *
 * @throws AnySeriesError `invalid` for a part that is empty, or that makes a segment which URL parsing would resolve (`.` and `..`)
 */
export function path(texts: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  let built = texts[0]!;
  for (const [i, part] of parts.entries()) {
    if (typeof part !== 'string' && !Number.isFinite(part)) throw invalid('path', `${show(part)} is neither a text nor a number`);
    if (part === '') throw invalid('path', 'a part is empty and would name another resource');
    built += encodePart(String(part)) + texts[i + 1]!;
  }
  for (const segment of built.split('?', 1)[0]!.split('/')) {
    if (/^(?:\.|%2e){1,2}$/i.test(segment))
      throw invalid('path', `the part ${show(segment)} cannot be sent: URLs resolve it to another resource`);
  }
  return built;
}

function encodePart(part: string): string {
  if (!part.isWellFormed()) throw invalid('path', `${show(part)} holds half of a surrogate pair and is no UTF-8`);
  return encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
