import type { ErrorCode } from '../errors.ts';
import type { PointInput } from '../point.ts';
import type { Hooks } from './hooks.ts';
import type { Ledger } from './ledger.ts';

/** A point that is wrong by itself, or larger than the whole buffer. */
export interface Fault {
  readonly point: PointInput;
  readonly number: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Rejects points that will not be sent. They are held until `onReject` has seen them, as all others are. */
export function rejectFaults(all: readonly Fault[], hooks: Hooks, ledger: Ledger): void {
  for (const reason of ['invalid', 'too-large'] as const) {
    const faults = all.filter(({ code }) => (code === 'too-large') === (reason === 'too-large'));
    if (faults.length === 0) continue;
    const leaving = { numbers: Float64Array.from(faults, ({ number }) => number), extraBytes: 0 };
    const { code, message } = faults[0]!;
    const points = () => faults.map(({ point }) => point);
    const told = hooks.reject(faults.length, points, { reason, code, status: undefined, excerpt: message, attempts: 0 });
    const end = () => ledger.reject(leaving, reason, (row) => faults[row]!);
    if (told === undefined) end();
    else void told.then(end);
  }
}
