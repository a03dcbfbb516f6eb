import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tool } from './commands.ts';
import { type PackedPackage, packAll } from './pack.ts';
import { isProvider, ownDependencies, root } from './packages.ts';
import { examplesOf } from './readme-examples.ts';

const nodes = { 'Node 24': tool('node'), 'Node 22': join(root, 'node_modules/node22/bin/node') };

/** What core brings; nothing else may come with a provider but what its protocol cannot do without. */
const broughtByCore = ['ky', 'undici', 'zod'];

/**
 * Installs one package from its tarball, as a user does, in an empty folder: imports every entry, runs the README's examples, and compares what
 * came along with what may. Answers what is wrong.
 */
export async function checkInstall(target: PackedPackage, packages: readonly PackedPackage[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), `anyseries-${target.id}-`));
  try {
    return await installAndUse(target, ownDependencies(target, packages) as PackedPackage[], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function installAndUse(target: PackedPackage, dependencies: readonly PackedPackage[], folder: string): Promise<string[]> {
  const { name } = target.manifest;
  const tarballs = [target, ...dependencies].map(({ tarball }) => tarball);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const install = await run('npm', ['install', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', ...tarballs], {
    cwd: folder,
  });
  if (!install.passed) return [`${name} cannot be installed:\n${install.output}`];

  const problems: string[] = [];
  const installed = installedPackages(folder);
  const expected = [name, ...dependencies.map(({ manifest }) => manifest.name), ...broughtByCore, ...declaredExtras(target)].sort();
  if (installed.join() !== expected.join()) problems.push(`${name} brings ${installed.join(', ')}; expected ${expected.join(', ')}`);

  const programs = writePrograms(target, installed, folder);
  if (isProvider(target) && programs.length < 2) problems.push(`${name}: README.md has no example that runs with this package alone`);
  for (const [title, node] of Object.entries(nodes)) {
    for (const program of programs) {
      const result = await run(node, [program], { cwd: folder, env: { NODE_OPTIONS: '' } });
      if (!result.passed) problems.push(`${name}: ${program} fails on ${title}:\n${result.output}`);
    }
  }
  if (problems.length === 0)
    process.stdout.write(
      `  ${name} brings ${installed.length - 1} packages; ${programs.length} programs run on ${Object.keys(nodes).join(' and ')}\n`,
    );
  return problems;
}

/** Dependencies beyond core: what a protocol cannot do without is named in the package's README. */
function declaredExtras({ folder, packed }: PackedPackage): string[] {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  return Object.keys(packed.dependencies ?? {}).filter(
    (name) => !name.startsWith('@anyseries/') && !broughtByCore.includes(name) && readme.includes(`\`${name}\``),
  );
}

function installedPackages(folder: string): string[] {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as { packages: Record<string, unknown> };
  return Object.keys(lock.packages)
    .map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    .sort();
}

/** A program that imports every entry, and the examples that need nothing but what is installed. */
function writePrograms({ id, packed }: PackedPackage, installed: readonly string[], folder: string): string[] {
  const imports = Object.keys(packed.exports ?? {}).map((entry) => {
    const specifier = packed.name + entry.slice(1);
    return `if (Object.keys(await import('${specifier}')).length === 0) throw new Error('${specifier} exports nothing');\n`;
  });
  writeFileSync(join(folder, 'imports.ts'), imports.join(''));
  const examples = examplesOf(`packages/${id}/README.md`).filter(({ code }) =>
    [...code.matchAll(/from '(@[^/']+\/[^/']+|[^.@'][^/']*)/g)].every(
      ([, needed]) => needed!.startsWith('node:') || installed.includes(needed!),
    ),
  );
  return [
    'imports.ts',
    ...examples.map(({ code, line }) => {
      const program = `readme-${line}.ts`;
      writeFileSync(join(folder, program), code);
      return program;
    }),
  ];
}

if (import.meta.main) {
  const packages = await packAll();
  for (const target of packages) {
    for (const problem of await checkInstall(target, packages)) {
      process.exitCode = 1;
      console.error(problem);
    }
  }
}
