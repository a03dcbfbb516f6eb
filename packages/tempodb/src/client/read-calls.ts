import { readJson } from '@anyseries/core/http';
import { checkObject } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import type { TempoDBClient } from '../client.ts';
import { singleAnswer, singleListAnswer } from '../wire/answers.ts';
import {
  aggregateAnswer,
  dataSetAnswer,
  dataSetListAnswer,
  findAnswer,
  multiAnswer,
  rollupsAnswer,
  segmentAnswer,
  summaryAnswer,
} from '../wire/client-answers.ts';
import { type SearchFields, searchOf } from '../wire/search.ts';
import { type Call, existing, sendTo } from './call.ts';
import { createCursor } from './cursor.ts';
import { addressOf, limitField, selectionFields, textField, textFields, textList, timeText } from './fields.ts';
import type { Cursor, ReadOptions, SegmentQuery, SeriesAddress } from './model.ts';

type ReadCalls = Pick<
  TempoDBClient,
  | 'readData'
  | 'readDataSets'
  | 'readSegment'
  | 'aggregate'
  | 'readMulti'
  | 'readRollups'
  | 'find'
  | 'singleValue'
  | 'singleValues'
  | 'summary'
>;

/** The calls that read points (sections 5.10 and 5.12 to 5.18). */
export function createReadCalls(call: Call): ReadCalls {
  /** One answer about a series. */
  async function ofSeries<T>(series: SeriesAddress, resource: string, fields: SearchFields, schema: ZodMiniType<T>, options: unknown) {
    const address = addressOf(series);
    const search = searchOf(fields);
    return call(options, async (service, context) => readJson(await sendTo(service, address, resource, { search }, context), schema));
  }

  /** Pages of rows about a series. */
  function pagesOfSeries<Row, Head>(
    series: SeriesAddress,
    resource: string,
    fields: SearchFields,
    schema: ZodMiniType<Head & { readonly data: readonly Row[] }>,
    options: unknown,
  ): Cursor<Row, Head> {
    const address = addressOf(series);
    const search = searchOf(fields);
    return createCursor<Head & { readonly data: readonly Row[] }, Row, Head>(call, options, {
      schema,
      open: async (service, _, context) => existing(await service.pageOf(address, resource, search, schema, context), address),
      rows: rowsOf,
      head: headOf,
    });
  }

  /** Pages of rows about several series. */
  function pages<Row, Head>(
    resource: string,
    fields: SearchFields,
    schema: ZodMiniType<Head & { readonly data: readonly Row[] }>,
    options: unknown,
  ): Cursor<Row, Head> {
    const search = searchOf(fields);
    return createCursor<Head & { readonly data: readonly Row[] }, Row, Head>(call, options, {
      schema,
      open: (service, _, context) => service.page(resource, search, schema, context),
      rows: rowsOf,
      head: headOf,
    });
  }

  return {
    readData: async (series, query, options) => ofSeries(series, 'data/', dataFields(query), dataSetAnswer, options),

    readDataSets: async (selection, query, options) => {
      const search = searchOf({ ...selectionFields(selection), ...dataFields(query) });
      return call(options, async (service, context) => readJson(await service.send('/data/', { search }, context), dataSetListAnswer));
    },

    readSegment: (series, query, options) => pagesOfSeries(series, 'segment/', segmentFields(query), segmentAnswer, options),

    aggregate(selection, query, options) {
      const fields = segmentFields(query, ['aggregation']);
      const fold = textField(query.aggregation, 'query.aggregation');
      return pages('/segment/', { ...selectionFields(selection), ...fields, 'aggregation.fold': fold }, aggregateAnswer, options);
    },

    readMulti: (selection, query, options) =>
      pages('/multi/', { ...selectionFields(selection), ...segmentFields(query) }, multiAnswer, options),

    readRollups(series, query, options) {
      const fields = segmentFields(query, ['folds', 'period']);
      const folding = {
        'rollup.fold': textList(query.folds, 'query.folds'),
        'rollup.period': textField(query.period, 'query.period'),
      };
      return pagesOfSeries(series, 'data/rollups/segment/', { ...fields, ...folding }, rollupsAnswer, options);
    },

    find(series, query, options) {
      const fields = pageFields(query, ['function', 'period']);
      const predicate = {
        'predicate.function': textField(query.function, 'query.function'),
        'predicate.period': textField(query.period, 'query.period'),
      };
      return pagesOfSeries(series, 'find/', { ...fields, ...predicate }, findAnswer, options);
    },

    singleValue: async (series, query = {}, options) => ofSeries(series, 'single/', singleFields(query), singleAnswer, options),

    singleValues(selection, query = {}, options) {
      const fields = { ...singleFields(query, ['limit']), limit: limitField(query.limit) };
      const search = searchOf({ ...selectionFields(selection), ...fields });
      return createCursor(call, options, {
        schema: singleListAnswer,
        open: (service, schema, context) => service.page('/single/', search, schema, context),
        rows: (values) => values,
        head: () => undefined,
      });
    },

    summary: async (series, query, options) => ofSeries(series, 'summary/', zoneFields(query, []), summaryAnswer, options),
  };
}

function rowsOf<Row>({ data }: { readonly data: readonly Row[] }): readonly Row[] {
  return data;
}

function headOf<Head>({ data: _, ...head }: Head & { readonly data: unknown }): Head {
  return head as Head;
}

function zoneFields(query: unknown, more: readonly string[]): SearchFields {
  const { start, end, tz } = checkObject(query, ['start', 'end', 'tz', ...more], 'query');
  return { start: timeText(start, 'query.start'), end: timeText(end, 'query.end'), ...textFields({ tz }) };
}

function dataFields(query: unknown): SearchFields {
  const zone = zoneFields(query, ['interval', 'function']);
  const { interval, function: fold } = query as ReadOptions;
  return { ...zone, ...textFields({ interval, function: fold }) };
}

function pageFields(query: unknown, more: readonly string[]): SearchFields {
  const zone = zoneFields(query, ['limit', ...more]);
  return { ...zone, limit: limitField((query as SegmentQuery).limit) };
}

function segmentFields(query: unknown, more: readonly string[] = []): SearchFields {
  const page = pageFields(query, ['rollup', 'interpolation', ...more]);
  const { rollup = {}, interpolation = {} } = query as SegmentQuery;
  const { period, fold } = checkObject(rollup, ['period', 'fold'], 'query.rollup');
  const { period: step, function: curve } = checkObject(interpolation, ['period', 'function'], 'query.interpolation');
  const folding = { 'rollup.period': period, 'rollup.fold': fold };
  return { ...page, ...textFields({ ...folding, 'interpolation.period': step, 'interpolation.function': curve }) };
}

function singleFields(query: unknown, more: readonly string[] = []): SearchFields {
  const { ts, direction, tz } = checkObject(query, ['ts', 'direction', 'tz', ...more], 'query');
  return { ts: ts === undefined ? undefined : timeText(ts, 'query.ts'), ...textFields({ direction, tz }) };
}
