import type { Value } from '../point.ts';
import { productError, sumError } from './exact-arithmetic.ts';
import type { ParsedFunction } from './functions.ts';

/**
 * Folds the values of one bucket. State is kept in typed arrays, because a double in a closure's variable is allocated anew at each assignment.
 */
export interface Accumulator<R = Value> {
  add(value: Value, time: number): void;
  /** The bucket's value; `undefined` where no value counted. Never `NaN`; infinite where the true result is too large for a double. */
  result(): R | undefined;
  /** Makes it ready for another bucket. */
  clear(): void;
}

/** An accumulator of values that come in time order; `descending`: the latest comes first. */
export function createAccumulator(fn: ParsedFunction, descending: boolean): Accumulator {
  switch (fn.name) {
    case 'sum':
      return accumulateSum((sum, rest, _, hasBigint) => (hasBigint ? integerSum(sum, rest) : sum + rest));
    case 'mean':
      return accumulateSum((sum, rest, count) => (sum + rest) / count);
    case 'ss':
      return accumulateDeviations((ss) => ss);
    case 'variance':
      return accumulateDeviations((ss, count) => ss / Math.max(1, count - 1));
    case 'stddev':
      return accumulateDeviations((ss, count) => Math.sqrt(ss / Math.max(1, count - 1)));
    case 'mult':
      return accumulateProduct();
    case 'min':
      return accumulateMin();
    case 'max':
      return accumulateMax();
    case 'range':
      return accumulateRange();
    case 'count':
      return accumulateCount();
    case 'first':
      return descending ? keepLatestFed() : keepFirstFed();
    case 'last':
      return descending ? keepFirstFed() : keepLatestFed();
    case 'percentile':
    case 'median':
      return accumulatePercentile(fn.rank ?? 50);
  }
}

/**
 * Compensated (Neumaier): the error does not grow with the number of values. `rest` is what rounding took from `sum`, and `hasBigint` tells that
 * the two together are to be exact where they are whole: what a double takes from a bigint is in `rest`, too.
 */
function accumulateSum(finish: (sum: number, rest: number, count: number, hasBigint: boolean) => Value): Accumulator {
  const state = new Float64Array(2);
  let count = 0;
  let hasBigint = false;
  return {
    add(value) {
      const number = toNumber(value);
      if (Number.isNaN(number)) return;
      const before = state[0]!;
      const after = before + number;
      state[1]! += sumError(before, number, after);
      state[0] = after;
      count++;
      if (typeof value !== 'bigint') return;
      state[1]! += Number(value - BigInt(number));
      hasBigint = true;
    },
    result() {
      if (count === 0) return undefined;
      const sum = state[0]!;
      return finish(sum, Number.isFinite(sum) ? state[1]! : 0, count, hasBigint);
    },
    clear() {
      state.fill(0);
      count = 0;
      hasBigint = false;
    },
  };
}

/** The sum of whole numbers, exact as far as 64 bits go. */
function integerSum(sum: number, rest: number): number | bigint {
  if (!Number.isInteger(sum) || !Number.isSafeInteger(rest)) return sum + rest;
  const exact = BigInt(sum) + BigInt(rest);
  if (BigInt.asIntN(64, exact) !== exact) return sum + rest;
  const double = Number(exact);
  return BigInt(double) === exact ? double : exact;
}

/**
 * The sum of squared deviations from the mean, by two sums over x - shift and (x - shift)^2, both with twice the precision of a double.
 * With a value of the bucket as the shift at most a factor of `count` cancels, so nearly all digits of the result are right.
 */
function accumulateDeviations(finish: (ss: number, count: number) => number): Accumulator {
  const state = new Float64Array(5);
  const [shift, high, low, squaresHigh, squaresLow] = [0, 1, 2, 3, 4] as const;
  let count = 0;

  function sumOfSquares(): number {
    const sum = state[high]! + state[low]!;
    const sumRest = sumError(state[high]!, state[low]!, sum);
    const squares = state[squaresHigh]! + state[squaresLow]!;
    const squaresRest = sumError(state[squaresHigh]!, state[squaresLow]!, squares);
    const product = sum * sum;
    const productRest = productError(sum, sum, product) + 2 * sum * sumRest;
    const offset = product / count;
    const back = offset * count;
    const offsetRest = (product - back - productError(offset, count, back) + productRest) / count;
    const difference = squares - offset;
    const ss = difference + (sumError(squares, -offset, difference) + squaresRest - offsetRest);
    return Number.isNaN(ss) ? Number.POSITIVE_INFINITY : Math.max(0, ss);
  }

  return {
    add(value) {
      const number = toNumber(value);
      if (Number.isNaN(number)) return;
      if (count === 0) state[shift] = number;
      count++;
      const deviation = number - state[shift]!;
      const deviationRest = sumError(number, -state[shift]!, deviation);
      const sum = state[high]! + deviation;
      state[low]! += sumError(state[high]!, deviation, sum) + deviationRest;
      state[high] = sum;
      const square = deviation * deviation;
      const squareRest = productError(deviation, deviation, square) + 2 * deviation * deviationRest;
      const squares = state[squaresHigh]! + square;
      state[squaresLow]! += sumError(state[squaresHigh]!, square, squares) + squareRest;
      state[squaresHigh] = squares;
    },
    result() {
      if (count === 0) return undefined;
      return count === 1 ? 0 : finish(sumOfSquares(), count);
    },
    clear() {
      state.fill(0);
      count = 0;
    },
  };
}

const large = 2 ** 400;
const step = 2 ** 600;

/** A compensated product with an exponent of its own, so that what overflows or vanishes on the way does not spoil the result. */
function accumulateProduct(): Accumulator {
  const state = new Float64Array([1, 0]);
  let steps = 0;
  let count = 0;

  /** The number with its magnitude between 2^-400 and 2^400; `steps` counts the powers of 2^600 taken out. */
  function scale(number: number): number {
    const magnitude = Math.abs(number);
    if (magnitude > large) {
      steps++;
      return number / step;
    }
    if (magnitude < 1 / large && magnitude > 0) {
      steps--;
      return number * step;
    }
    return number;
  }

  return {
    add(value) {
      const given = toNumber(value);
      if (Number.isNaN(given)) return;
      count++;
      const number = scale(given);
      const product = state[0]! * number;
      const rest = productError(state[0]!, number, product) + state[1]! * number;
      const stepsBefore = steps;
      state[0] = scale(product);
      state[1] = rest * step ** (stepsBefore - steps);
    },
    result() {
      if (count === 0) return undefined;
      let product = state[0]! + state[1]!;
      const factor = steps > 0 ? step : 1 / step;
      for (let left = Math.abs(steps); left > 0 && product !== 0 && Number.isFinite(product); left--) product *= factor;
      return product;
    },
    clear() {
      state[0] = 1;
      state[1] = 0;
      steps = 0;
      count = 0;
    },
  };
}

function accumulateMin(): Accumulator {
  const least = new Float64Array([Number.POSITIVE_INFINITY]);
  let leastBigint: bigint | undefined;
  return {
    add(value) {
      if (typeof value === 'number') least[0] = Math.min(least[0]!, value);
      else if (typeof value === 'bigint' && (leastBigint === undefined || value < leastBigint)) leastBigint = value;
    },
    result() {
      if (leastBigint !== undefined && leastBigint < least[0]!) return leastBigint;
      return least[0] === Number.POSITIVE_INFINITY ? undefined : least[0];
    },
    clear() {
      least[0] = Number.POSITIVE_INFINITY;
      leastBigint = undefined;
    },
  };
}

function accumulateMax(): Accumulator {
  const greatest = new Float64Array([Number.NEGATIVE_INFINITY]);
  let greatestBigint: bigint | undefined;
  return {
    add(value) {
      if (typeof value === 'number') greatest[0] = Math.max(greatest[0]!, value);
      else if (typeof value === 'bigint' && (greatestBigint === undefined || value > greatestBigint)) greatestBigint = value;
    },
    result() {
      if (greatestBigint !== undefined && greatestBigint > greatest[0]!) return greatestBigint;
      return greatest[0] === Number.NEGATIVE_INFINITY ? undefined : greatest[0];
    },
    clear() {
      greatest[0] = Number.NEGATIVE_INFINITY;
      greatestBigint = undefined;
    },
  };
}

function accumulateRange(): Accumulator {
  const extremes = new Float64Array([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  return {
    add(value) {
      const number = toNumber(value);
      if (Number.isNaN(number)) return;
      extremes[0] = Math.min(extremes[0]!, number);
      extremes[1] = Math.max(extremes[1]!, number);
    },
    result: () => (extremes[0] === Number.POSITIVE_INFINITY ? undefined : extremes[1]! - extremes[0]!),
    clear() {
      extremes[0] = Number.POSITIVE_INFINITY;
      extremes[1] = Number.NEGATIVE_INFINITY;
    },
  };
}

function accumulateCount(): Accumulator {
  let count = 0;
  return {
    add() {
      count++;
    },
    result: () => (count === 0 ? undefined : count),
    clear() {
      count = 0;
    },
  };
}

function keepFirstFed(): Accumulator {
  let kept: Value | undefined;
  return {
    add(value) {
      if (kept === undefined) kept = value;
    },
    result: () => kept,
    clear() {
      kept = undefined;
    },
  };
}

function keepLatestFed(): Accumulator {
  const number = new Float64Array(1);
  let empty = true;
  let other: Exclude<Value, number> | undefined;
  return {
    add(value) {
      empty = false;
      if (typeof value === 'number') {
        number[0] = value;
        other = undefined;
      } else {
        other = value;
      }
    },
    result: () => (empty ? undefined : (other ?? number[0])),
    clear() {
      empty = true;
      other = undefined;
    },
  };
}

/** Linear interpolation between the closest ranks, at position (n - 1) * rank / 100. Keeps all values of the bucket. */
function accumulatePercentile(rank: number): Accumulator {
  let values = new Float64Array(64);
  let count = 0;
  return {
    add(value) {
      const number = toNumber(value);
      if (Number.isNaN(number)) return;
      if (count === values.length) {
        const grown = new Float64Array(count * 2);
        grown.set(values);
        values = grown;
      }
      values[count] = number;
      count++;
    },
    result() {
      if (count === 0) return undefined;
      values.subarray(0, count).sort();
      const position = ((count - 1) * rank) / 100;
      const below = Math.floor(position);
      const fraction = position - below;
      const from = values[below]!;
      if (fraction === 0) return from;
      const to = values[below + 1]!;
      return Number.isFinite(to - from) ? from + (to - from) * fraction : from * (1 - fraction) + to * fraction;
    },
    clear() {
      count = 0;
    },
  };
}

/** The value as a double; `NaN` for what does not count. */
function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : Number.NaN;
}
