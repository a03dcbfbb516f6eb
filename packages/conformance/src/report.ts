import type { Capabilities } from '@anyseries/core';
import type { Subject } from './subject.ts';

/** What the suite found out about a subject; the content of `conformance.json`. */
export interface Report {
  readonly subject: string;
  readonly specVersion: 1;
  readonly capabilities: Capabilities;
  readonly passed: readonly string[];
  /** Cases that the subject does not have, each with the capability that explains it. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** The report as a file holds it: the same for the same results, without times. */
export function formatReport(subject: Subject, passed: readonly string[], skipped: Report['skipped']): string {
  const report: Report = { subject: subject.name, specVersion: 1, capabilities: subject.capabilities, passed, skipped };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The parts of Node that a report needs; reached without an import, so that the suite also runs in browsers. */
interface Platform {
  readonly process?: {
    getBuiltinModule?(name: 'node:fs'): { writeFileSync(target: string | URL, text: string): void } | undefined;
  };
}

/** Writes the report where the platform has files. */
export async function writeReport(target: string | URL, text: string): Promise<void> {
  const files = (globalThis as Platform).process?.getBuiltinModule?.('node:fs');
  if (files === undefined) throw new Error('a report can be written only where there are files, as under Node');
  files.writeFileSync(target, text);
}
