import { type Case, unmetNeed } from './case.ts';
import { bucketCases } from './cases/buckets.ts';
import { cancellationCases } from './cases/cancellation.ts';
import { closingCases } from './cases/closing.ts';
import { deleteCases } from './cases/deletes.ts';
import { deliveryFaultCases } from './cases/delivery-faults.ts';
import { failureFaultCases } from './cases/failure-faults.ts';
import { incrementCases } from './cases/increments.ts';
import { invalidPointCases } from './cases/invalid-points.ts';
import { keyCases } from './cases/keys.ts';
import { latestCases } from './cases/latest.ts';
import { pagingCases } from './cases/paging.ts';
import { readFaultCases } from './cases/read-faults.ts';
import { recordCases } from './cases/records.ts';
import { retryAfterCases } from './cases/retry-after.ts';
import { rollupCases } from './cases/rollups.ts';
import { seriesCases } from './cases/series.ts';
import { sinkCases } from './cases/sink.ts';
import { sourceCases } from './cases/source.ts';
import { splitCases } from './cases/splits.ts';
import { subscriptionCases } from './cases/subscriptions.ts';
import { timeCases } from './cases/times.ts';
import { transactionCases } from './cases/transactions.ts';
import { undeclaredCases } from './cases/undeclared.ts';
import { valueCases } from './cases/values.ts';
import { formatReport, writeReport } from './report.ts';
import type { Subject } from './subject.ts';
import { inWorld } from './world.ts';

/** The caller's way to register a case: `test` of vitest, of `node:test`, or any other. */
export type Test = (name: string, run: () => Promise<void>) => unknown;

export interface ConformanceOptions {
  /** Where `conformance.json` goes, written by the last case when all others have passed. Left out: nowhere. */
  readonly report?: string | URL | undefined;
}

const areas: Readonly<Record<string, readonly Case[]>> = {
  connection: closingCases,
  sink: sinkCases,
  'invalid points': invalidPointCases,
  values: valueCases,
  times: timeCases,
  keys: keyCases,
  source: sourceCases,
  paging: pagingCases,
  series: seriesCases,
  latest: latestCases,
  rollups: rollupCases,
  buckets: bucketCases,
  deletes: deleteCases,
  increments: incrementCases,
  subscriptions: subscriptionCases,
  cancellation: cancellationCases,
  undeclared: undeclaredCases,
  records: recordCases,
  transactions: transactionCases,
  'lost and broken answers': deliveryFaultCases,
  'requests too large': splitCases,
  'waiting as asked': retryAfterCases,
  refusals: failureFaultCases,
  'faults of reads': readFaultCases,
};

/**
 * Registers the cases that the subject's capabilities ask for. What is not declared gets no case but one that expects it to be refused; the
 * report lists it with the capability that explains it.
 *
 * ```ts
 * import { test } from 'vitest';
 * conformance(test, { name: 'acme', capabilities, connect: ({ clock }) => connect({ clock }) });
 * ```
 */
export function conformance(test: Test, subject: Subject, options: ConformanceOptions = {}): void {
  const passed: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  let registered = 0;
  for (const [area, cases] of Object.entries(areas)) {
    for (const each of cases) {
      const name = `${area}: ${each.name}`;
      const reason = unmetNeed(each, subject);
      if (reason !== undefined) {
        // that a refusal is not asked for because the call is declared needs no explanation
        if (!each.needs.some((need) => need.startsWith('not '))) skipped.push({ name, reason });
        continue;
      }
      registered++;
      test(`${subject.name} | ${name}`, async () => {
        await inWorld(subject, each.run);
        passed.push(name);
      });
    }
  }
  test(`${subject.name} | the report is written`, async () => {
    const { report } = options;
    if (report === undefined || passed.length < registered) return;
    await writeReport(report, formatReport(subject, passed, skipped));
  });
}
