const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Reads a duration such as `30s` or `1h30m` (section 4.5), in milliseconds; `undefined` for none, and for one that is not above 0. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return undefined;
  const duration = [...text.matchAll(/(\d+)(\D+)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit!]!, 0);
  return duration > 0 && Number.isSafeInteger(duration) ? duration : undefined;
}
