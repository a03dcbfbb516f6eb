import { type CallContext, invalid } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import type { Call } from './call.ts';
import type { Cursor } from './model.ts';
import type { Page, Service } from './service.ts';

/** How the pages of one kind of answer are asked for and taken apart. */
export interface CursorDefinition<Content, Row, Head> {
  readonly schema: ZodMiniType<Content>;
  open(service: Service, schema: ZodMiniType<Content>, context: CallContext): Promise<Page<Content>>;
  rows(content: Content): readonly Row[];
  head(content: Content): Head;
}

export function createCursor<Content, Row, Head>(
  call: Call,
  options: unknown,
  { schema, open, rows, head }: CursorDefinition<Content, Row, Head>,
): Cursor<Row, Head> {
  let opened: Promise<Page<Content>> | undefined;
  let isUsed = false;

  function firstPage(): Promise<Page<Content>> {
    opened ??= call(options, (service, context) => open(service, schema, context)).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function* pages(): AsyncGenerator<readonly Row[]> {
    if (isUsed) throw invalid('cursor', 'it is iterated once; call again for another pass');
    isUsed = true;
    for (let page = await firstPage(); ; ) {
      yield rows(page.content);
      const { next } = page;
      if (next === undefined) return;
      page = await call(options, (service, context) => service.follow(next, schema, context));
    }
  }

  async function* each(): AsyncGenerator<Row> {
    for await (const page of pages()) yield* page;
  }

  return {
    pages,
    toArray: () => Array.fromAsync(each()),
    head: async () => head((await firstPage()).content),
    [Symbol.asyncIterator]: each,
  };
}
