import type { Value } from '@anyseries/core';
import { encodeNumber } from '../wire/json.ts';

/** A line of CSV, quoted where it must be (RFC 4180); lines end in a line feed. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}

/** The cell of a value; a missing one is empty. */
export function cellOf(value: Value | null): string {
  if (value === null) return '';
  return typeof value === 'number' || typeof value === 'bigint' ? encodeNumber(value) : String(value);
}
