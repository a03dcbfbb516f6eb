import type { Transaction } from '@anyseries/core';

/** Numbers as ids of records, so that these are in order. */
export function recordId(number: number): string {
  return String(number).padStart(16, '0');
}

/** Names that can be ids of records: texts of a length that people use, without U+0000. */
export function isRecordName(name: unknown): name is string {
  return typeof name === 'string' && name.trim() !== '' && name.length <= 255 && name.isWellFormed() && !name.includes('\0');
}

/** The next number of a kind, from 1. */
export async function nextNumber(tx: Transaction, kind: string): Promise<number> {
  const record = await tx.records.get<{ last: number }>('iobeam/counters', kind);
  const last = (record?.value.last ?? 0) + 1;
  tx.records.put('iobeam/counters', kind, { last });
  return last;
}
