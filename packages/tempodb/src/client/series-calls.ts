import type { CallOptions } from '@anyseries/core';
import { AnySeriesError } from '@anyseries/core';
import { checkCallOptions, readJson } from '@anyseries/core/provider';
import { seriesAnswer, seriesListAnswer } from '../wire/answers.ts';
import { databaseAnswer, deletedAnswer } from '../wire/client-answers.ts';
import { searchOf } from '../wire/search.ts';
import type { Call } from './call.ts';
import { createCursor } from './cursor.ts';
import { addressOf, nameOf, narrowSelectionFields, selectionFields } from './fields.ts';
import type { SeriesAddress, SeriesFields, SeriesSelection } from './model.ts';
import type { Address, ServiceRequest } from './service.ts';

/** The calls about series themselves. */
export function createSeriesCalls(call: Call) {
  return {
    createSeries: (series: SeriesFields = {}, options?: CallOptions) =>
      call(options, async (service, context) =>
        readJson(await service.send('/series/', { method: 'POST', body: JSON.stringify(series) }, context), seriesAnswer),
      ),

    listSeries(selection: SeriesSelection = {}, { limit, ...options }: CallOptions & { readonly limit?: number | undefined } = {}) {
      return createCursor(call, options, {
        schema: seriesListAnswer,
        open: (service, schema, context) => service.page('/series/', searchOf({ ...selectionFields(selection), limit }), schema, context),
        rows: (content) => content,
        head: () => undefined,
      });
    },
  };
}
