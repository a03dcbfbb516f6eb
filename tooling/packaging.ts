import { run, tool } from './commands.ts';
import type { PackedPackage } from './pack.ts';

const sourceCondition = 'anyseries-source';

/** What is wrong with a tarball as consumers get it; empty when nothing is. */
export async function checkPackaging({ tarball, packed, manifest }: PackedPackage): Promise<string[]> {
  const problems: string[] = [];
  if (JSON.stringify([packed.exports, packed.imports]).includes(sourceCondition)) {
    problems.push(
      `${packed.name}: the condition ${sourceCondition} reaches the published manifest; give publishConfig its own exports and imports`,
    );
  }
  if (JSON.stringify(entries(packed)) !== JSON.stringify(entries(manifest))) {
    problems.push(`${packed.name}: exports and publishConfig.exports have different entries`);
  }
  const publint = await run(tool('publint'), ['run', '--strict', tarball]);
  if (!publint.passed) problems.push(publint.output);
  const attw = await run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii']);
  if (!attw.passed) problems.push(attw.output);
  return problems;
}

function entries(manifest: PackedPackage['packed']): unknown {
  return [Object.keys(manifest.exports ?? {}).sort(), Object.keys(manifest.imports ?? {}).sort()];
}
