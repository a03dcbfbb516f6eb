import { type Accumulator, createBucketFold, createBuckets } from '@anyseries/core/server';
import type { Period } from '../wire/period.ts';
import type { Handler } from './exchange.ts';
import { pagedAnswer } from './paged-answer.ts';
import { readPosition } from './paging.ts';
import { readPeriod, readRange } from './parameters.ts';
import { badParameter } from './refusal.ts';
import { pointText, type RowPage } from './row-page.ts';
import { type FoldedBuckets, foldBuckets, gridOrPoints } from './rows.ts';
import type { ShownPoint } from './shown-points.ts';
import { readZone, type Zone } from './zone.ts';

type Numeric = ShownPoint['value'];

/** Whether a point goes before the one that was found so far; of equals the earlier one stays. */
const predicates: ReadonlyMap<string, (value: Numeric, found: Numeric) => boolean> = new Map([
  ['max', (value: Numeric, found: Numeric) => value > found],
  ['min', (value: Numeric, found: Numeric) => value < found],
  ['first', () => false],
  ['last', () => true],
]);

/** Section 5.16. */
export const findPoints: Handler = async (exchange) => {
  const series = await exchange.series();
  const position = readPosition<number>(exchange.query, 'number');
  const { query, place } = position;
  const [range, zone] = [readRange(query), readZone(query)];
  const name = query.get('predicate.function');
  const predicate = predicates.get(name ?? '');
  const period = readPeriod(query, 'predicate.period');
  if (predicate === undefined) throw badParameter('predicate.function', name);
  if (period === undefined) throw badParameter('predicate.period', undefined);

  const points = gridOrPoints(exchange.points, series.key, { range, interpolation: undefined }, place);
  const folding = createBucketFold({ every: period, timeZone: zone.name }, false, () => createFinder(predicate));
  return pagedAnswer(exchange, {
    rows: foundRows(foldBuckets(points, [folding], place), period, zone),
    range,
    position,
    resource: `series/id/${series.id}/find`,
    before: '{"data":[',
    after: `],"predicate":${JSON.stringify({ function: name, period: period.iso })},"tz":"${zone.name}"}`,
  });
};

function createFinder(goesBefore: (value: Numeric, found: Numeric) => boolean): Accumulator<ShownPoint> {
  let found: ShownPoint | undefined;
  return {
    add(given, time) {
      const value = given as Numeric;
      if (found === undefined || goesBefore(value, found.value)) found = { time, value };
    },
    result: () => found,
    clear() {
      found = undefined;
    },
  };
}

async function* foundRows(buckets: AsyncIterable<FoldedBuckets<ShownPoint>>, period: Period, zone: Zone): AsyncGenerator<RowPage> {
  const calendar = createBuckets(period, zone.name);
  const endOf = (start: number) => (period.unit === 'ms' ? start + period.count : calendar(start).end);
  for await (const { times, values } of buckets) {
    const intervalText = (start: number) => `{"start":"${zone.format(start)}","end":"${zone.format(endOf(start))}"}`;
    yield { times, text: (row) => `{"interval":${intervalText(times[row]!)},"found":${pointText(zone, values[0]![row]!)}}` };
  }
}
