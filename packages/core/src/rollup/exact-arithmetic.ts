/** What rounding took from `a + b` when it gave `sum`: `a + b` is exactly `sum` plus this, for finite sums. */
export function sumError(a: number, b: number, sum: number): number {
  const ofB = sum - a;
  return a - (sum - ofB) + (b - ofB);
}

/** 2^27 + 1: splits a double into two halves whose products are exact. */
const splitter = 134_217_729;

/** What rounding took from `a * b` when it gave `product`; exact for magnitudes between 2^-480 and 2^480. */
export function productError(a: number, b: number, product: number): number {
  const shiftedA = splitter * a;
  const highA = shiftedA - (shiftedA - a);
  const lowA = a - highA;
  const shiftedB = splitter * b;
  const highB = shiftedB - (shiftedB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}
