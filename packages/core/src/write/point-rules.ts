import type { Capabilities, ValueKind } from '../capabilities.ts';
import { invalid } from '../errors.ts';
import type { Value } from '../point.ts';
import { floorTime, toTime } from '../time.ts';
import { toValue, unkeptValue } from '../value.ts';

/** Which points a backend keeps, and in what form. */
export interface PointRules {
  /** What most points are: a number at a whole millisecond. Everything else takes the careful way. */
  isPlain(time: unknown, value: unknown): boolean;
  /** The time as it is kept. @throws AnySeriesError `invalid` that names `field` */
  timeOf(time: unknown, field: string): number;
  /** The value as it is kept. @throws AnySeriesError `invalid` that names `field` */
  valueOf(value: unknown, field: string): Value;
}

export function createPointRules({ values, times: { resolution, min, max } }: Capabilities): PointRules {
  const kinds: ReadonlySet<ValueKind> = new Set(values);
  const plainKinds = kinds.has('number') && resolution !== 's';
  return {
    isPlain: (time, value) =>
      plainKinds && Number.isFinite(value) && Number.isInteger(time) && (time as number) >= min && (time as number) <= max,
    timeOf(time, field) {
      const floored = floorTime(toTime(time, field), resolution);
      if (floored < min || floored > max) throw invalid(field, `${floored} is outside what is kept (${min} to ${max})`);
      return floored;
    },
    valueOf(value, field) {
      const normal = toValue(value, field);
      const unkept = unkeptValue(normal, kinds);
      if (unkept !== undefined) throw invalid(field, unkept);
      return normal;
    },
  };
}
