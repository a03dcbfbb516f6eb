import { AnySeriesError, type Series, type SeriesFilter } from '@anyseries/core';
import { readJson } from '@anyseries/core/http';
import { type Backend, type CallContext, compareCodePoints, matchesFilter } from '@anyseries/core/provider';
import type { TempoDBSeries } from '../client/model.ts';
import type { Service } from '../client/service.ts';
import { seriesAnswer, seriesListAnswer } from '../wire/answers.ts';
import { attributeFields, searchOf } from '../wire/search.ts';
import { formatTimestamp } from '../wire/timestamp.ts';
import { allPages, keysByUrl } from './paging.ts';
import { wholeRange } from './range.ts';

type SeriesMethods = Required<Pick<Backend, 'series' | 'putSeries' | 'delete' | 'check'>>;

const pageRows = 1000;

export function createSeriesMethods(service: Service): SeriesMethods {
  async function* series(filter: SeriesFilter, context: CallContext): AsyncGenerator<readonly Series[]> {
    // an empty text counts as not given (section 4.2): what cannot be asked for is sorted out afterwards
    const attributes = Object.fromEntries(Object.entries(filter.attributes ?? {}).filter(([, value]) => value !== ''));
    const conditions = { tag: filter.tags?.filter((tag) => tag !== ''), ...attributeFields(attributes) };
    for (const key of filter.keys === undefined ? [undefined] : keysByUrl(filter.keys)) {
      const first = await service.page('/series/', searchOf({ key, ...conditions, limit: pageRows }), seriesListAnswer, context);
      for await (const page of allPages(service, first, seriesListAnswer, context))
        yield page.map(toSeries).filter((each) => matchesFilter(each, filter));
    }
  }

  async function update(key: string, body: string, context: CallContext): Promise<Series | undefined> {
    const answer = await service.sendTo({ key }, '', { method: 'PUT', body }, context);
    return answer && toSeries(await readJson(answer, seriesAnswer));
  }

  return {
    series,

    async putSeries({ key, name = '', attributes = {}, tags = [] }, context) {
      const body = JSON.stringify({ key, name, tags, attributes });
      const updated = await update(key, body, context);
      if (updated !== undefined) return updated;
      // 409: somebody else was faster. The update follows in any case: it takes back what the service made of the key (section 4.4)
      await service.send('/series/', { method: 'POST', body: JSON.stringify({ key }), idempotent: true, accept: [409] }, context);
      const created = await update(key, body, context);
      if (created === undefined)
        throw new AnySeriesError('conflict', 'the series was deleted while its metadata was put', { retryable: true });
      return created;
    },

    async delete({ key, range }, context) {
      if (range === undefined) {
        await service.send('/series/', { method: 'DELETE', search: searchOf({ key, allow_truncation: 'false' }) }, context);
        return;
      }
      const whole = wholeRange(range);
      if (whole === undefined) return;
      const search = searchOf({ start: formatTimestamp(whole.start), end: formatTimestamp(whole.end) });
      await service.sendTo({ key }, 'data/', { method: 'DELETE', search }, context);
    },

    async check(context) {
      const answer = await service.send('/series/', { search: searchOf({ limit: 1 }) }, context);
      await readJson(answer, seriesListAnswer);
      const sent = Date.parse(answer.headers.get('date') ?? '');
      return Number.isNaN(sent) ? {} : { clockSkewMs: skew(sent, context.clock.now()) };
    },
  };
}

/** `Date` has whole seconds: within the second that it names the clocks agree. */
function skew(sent: number, now: number): number {
  return now < sent ? sent - now : Math.min(0, sent + 999 - now);
}

function toSeries({ id, key, name, tags, attributes }: TempoDBSeries): Series {
  return { key, id, ...(name === '' ? {} : { name }), attributes, tags: [...new Set(tags)].sort(compareCodePoints) };
}
