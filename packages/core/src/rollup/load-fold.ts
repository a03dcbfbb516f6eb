/** The folding of points into buckets, loaded with the first rollup: a program that asks for none is smaller without it. */
export function loadFold(): Promise<typeof import('./fold.ts')> {
  return import('./fold.ts');
}
