import { readJson } from '@anyseries/core/http';
import { checkObject } from '@anyseries/core/provider';
import type { TempoDBClient } from '../client.ts';
import { seriesAnswer, seriesListAnswer } from '../wire/answers.ts';
import { databaseAnswer, deletedAnswer } from '../wire/client-answers.ts';
import { type SearchFields, searchOf } from '../wire/search.ts';
import { type Call, sendTo } from './call.ts';
import { createCursor } from './cursor.ts';
import { addressOf, limitField, narrowSelectionFields, selectionFields } from './fields.ts';

type SeriesCalls = Pick<
  TempoDBClient,
  | 'createSeries'
  | 'listSeries'
  | 'getSeries'
  | 'updateSeries'
  | 'deleteSeries'
  | 'deleteSeriesWhere'
  | 'deleteAllSeries'
  | 'ping'
  | 'createDatabase'
>;

/** The calls about series themselves, and those about the service (sections 5.1 to 5.5 and 5.19). */
export function createSeriesCalls(call: Call): SeriesCalls {
  function deleteBy(filter: SearchFields, options: unknown): Promise<{ readonly deleted: number }> {
    const request = { method: 'DELETE', search: searchOf(filter) } as const;
    return call(options, async (service, context) => readJson(await service.send('/series/', request, context), deletedAnswer));
  }

  return {
    createSeries: async (series = {}, options) => {
      const body = JSON.stringify(checkObject(series, fieldNames, 'series'));
      return call(options, async (service, context) =>
        readJson(await service.send('/series/', { method: 'POST', body }, context), seriesAnswer),
      );
    },

    listSeries(selection = {}, { limit, ...options } = {}) {
      const search = searchOf({ ...selectionFields(selection), limit: limitField(limit) });
      return createCursor(call, options, {
        schema: seriesListAnswer,
        open: (service, schema, context) => service.page('/series/', search, schema, context),
        rows: (series) => series,
        head: () => undefined,
      });
    },

    getSeries: async (series, options) => {
      const address = addressOf(series);
      return call(options, async (service, context) => readJson(await sendTo(service, address, '', {}, context), seriesAnswer));
    },

    updateSeries: async (series, fields, options) => {
      const address = addressOf(series);
      const request = { method: 'PUT', body: JSON.stringify(checkObject(fields, fieldNames, 'fields')) } as const;
      return call(options, async (service, context) => readJson(await sendTo(service, address, '', request, context), seriesAnswer));
    },

    deleteSeries: async (series, options) => {
      const address = addressOf(series);
      await call(options, (service, context) => sendTo(service, address, '', { method: 'DELETE', idempotent: false }, context));
    },

    deleteSeriesWhere: async (selection, options) => deleteBy({ ...narrowSelectionFields(selection), allow_truncation: 'false' }, options),
    deleteAllSeries: async (options) => deleteBy({ allow_truncation: 'true' }, options),

    ping: async (options) => {
      await call(options, (service, context) => service.ping(context));
    },

    createDatabase: async (name, options) => {
      const body = JSON.stringify({ name });
      return call(options, async (service, context) =>
        readJson(await service.send('/database/', { method: 'POST', body }, context), databaseAnswer),
      );
    },
  };
}

const fieldNames = ['id', 'key', 'name', 'tags', 'attributes'];
