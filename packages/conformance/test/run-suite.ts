/**
 * Runs the suite without any test runner, for the seeded defects: the subjects named on the command line (all without a name), one case after
 * another, until the first that fails. Ends with exit code 1 then, and prints `not ok <subject> | <case>`. The subjects of a package are what its
 * `test/subjects.ts` exports.
 */
import { existsSync, readdirSync } from 'node:fs';
import { conformance, type Subject } from '@anyseries/conformance';

const packages = new URL('../../', import.meta.url);
const subjects: Record<string, Subject> = {};
for (const folder of readdirSync(packages)) {
  const file = new URL(`${folder}/test/subjects.ts`, packages);
  if (existsSync(file)) Object.assign(subjects, ((await import(file.href)) as { subjects: Record<string, Subject> }).subjects);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(subjects, name));
if (unknown.length > 0) throw new Error(`no such subject: ${unknown.join(', ')}; there are ${Object.keys(subjects).join(', ')}`);

const cases: { name: string; run: () => Promise<void> }[] = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(subjects)) {
  conformance((title, run) => cases.push({ name: title, run }), subjects[name]!);
}

for (const { name, run } of cases) {
  try {
    await run();
    console.log(`done ${name}`);
  } catch (error) {
    console.log(`not ok ${name}`);
    console.log(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
console.log(`ok ${cases.length} cases`);
process.exit(0);
