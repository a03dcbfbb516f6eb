import type { CallContext } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import type { Page, Service } from '../client/service.ts';

/** The contents of a page and of all that follow. */
export async function* allPages<T>(service: Service, first: Page<T>, schema: ZodMiniType<T>, context: CallContext): AsyncGenerator<T> {
  for (let page = first; ; page = await service.follow(page.next, schema, context)) {
    yield page.content;
    if (page.next === undefined) return;
  }
}

/** Servers and proxies take at least 8 kB of a request's first line. */
const maxUrlLength = 6000;

/** Keys in portions that fit into one URL, in order; every portion holds a key. */
export function* keysByUrl(keys: readonly string[]): Generator<readonly string[]> {
  let portion: string[] = [];
  let length = 0;
  for (const key of keys) {
    const keyLength = '&key='.length + encodeURIComponent(key).length;
    if (portion.length > 0 && length + keyLength > maxUrlLength) {
      yield portion;
      portion = [];
      length = 0;
    }
    portion.push(key);
    length += keyLength;
  }
  if (portion.length > 0) yield portion;
}
