import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { findPackages, isProvider, type Package, root } from './packages.ts';

/** Bytes, minified and compressed, of what `import { connect }` loads at once. */
const budget = { own: 16 * 1024, everything: 32 * 1024 };

/** Modules of core that load only when they are used. */
const onDemand = /^packages\/core\/src\/(copy|mirror|writer|rollup\/fold|read\/merge)\b/;

/** Modules that only a package which sends requests may load. */
const transport = /^packages\/core\/src\/(http|transport)\/|\/node_modules\/(ky|zod|undici)\//;

export interface Size {
  readonly name: string;
  readonly own: number;
  readonly everything: number;
  readonly problems: readonly string[];
}

/** Measures every provider from its build. */
export async function measureAll(): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const entry of findPackages().filter(isProvider)) {
    const { name } = entry.manifest;
    sizes.push(await measure(entry).catch((error: unknown) => ({ name, own: 0, everything: 0, problems: [`${name}: ${String(error)}`] })));
  }
  return sizes;
}

async function measure(entry: Package): Promise<Size> {
  const forNode = isForNode(entry);
  const own = await bundle(entry, { dependencies: 'external', forNode });
  const everything = await bundle(entry, { dependencies: 'included', forNode });
  const modules = (await bundle(entry, { dependencies: 'included', forNode, fromSource: true })).modules;
  const { name } = entry.manifest;
  const problems: string[] = [];
  if (own.bytes > budget.own) problems.push(`${name}: own code is ${own.bytes} bytes, the budget is ${budget.own}`);
  if (!forNode && everything.bytes > budget.everything)
    problems.push(`${name}: everything is ${everything.bytes} bytes, the budget is ${budget.everything}`);
  const early = modules.filter((module) => onDemand.test(module) || (transport.test(module) && !sendsRequests(modules, entry)));
  if (early.length > 0) problems.push(`${name} loads at once what it may load only on use: ${early.join(', ')}`);
  const builtin = [...everything.imports].filter((path) => path.startsWith('node:'));
  if (!forNode && builtin.length > 0) problems.push(`${name} imports ${builtin.join(', ')}, which a browser lacks`);
  return { name, own: own.bytes, everything: everything.bytes, problems };
}

/** A package whose compiler knows the types of Node is for Node alone; all others are for browsers as well. */
function isForNode({ folder }: Package): boolean {
  const { compilerOptions } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) as {
    compilerOptions?: { types?: readonly string[] };
  };
  return compilerOptions?.types?.includes('node') ?? false;
}

/** Whether the provider's own code asks core for requests, and so may load what they take. */
function sendsRequests(modules: readonly string[], { id }: Package): boolean {
  return modules.some((module) => module.startsWith(`packages/${id}/src/`) && /\/(client|wire|auth)(\.ts|\/)/.test(module));
}

interface BundleOptions {
  readonly dependencies: 'external' | 'included';
  readonly forNode: boolean;
  readonly fromSource?: boolean;
}

interface Bundle {
  /** Of the entry and everything that it imports statically. */
  readonly bytes: number;
  /** The modules in there, relative to the root. */
  readonly modules: readonly string[];
  /** What stays outside the bundle. */
  readonly imports: ReadonlySet<string>;
}

async function bundle({ manifest }: Package, { dependencies, forNode, fromSource = false }: BundleOptions): Promise<Bundle> {
  const external = ['node:*', ...(dependencies === 'external' ? ['ky', 'undici', 'zod', 'zod/*'] : [])];
  const result = await build({
    stdin: { contents: `export { connect } from '${manifest.name}';`, resolveDir: root, sourcefile: 'entry.ts' },
    absWorkingDir: root,
    outdir: 'out',
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    platform: forNode ? 'node' : 'browser',
    conditions: fromSource ? ['anyseries-source'] : [],
    external,
    metafile: true,
    logLevel: 'silent',
  });
  const chunks = startingChunks(result.metafile);
  const files = result.outputFiles.filter(({ path }) => chunks.has(path.slice(path.lastIndexOf('/out/') + 1)));
  const outputs = [...chunks].map((chunk) => result.metafile.outputs[chunk]!);
  return {
    bytes: files.reduce((total, { contents }) => total + gzipSync(contents, { level: 9 }).length, 0),
    modules: outputs.flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
    ),
    imports: new Set(
      Object.values(result.metafile.outputs).flatMap(({ imports }) => imports.flatMap(({ path, external }) => (external ? [path] : []))),
    ),
  };
}

/** The entry's chunk and those that it imports statically: what runs before the first call. */
function startingChunks({ outputs }: Metafile): ReadonlySet<string> {
  const [entry] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint !== undefined) ?? [];
  const chunks = new Set<string>();
  const visit = (chunk: string) => {
    if (chunks.has(chunk)) return;
    chunks.add(chunk);
    for (const { path, kind } of outputs[chunk]!.imports) if (kind === 'import-statement' && path in outputs) visit(path);
  };
  visit(entry!);
  return chunks;
}

/** The table of sizes, for people. */
export function formatSizes(sizes: readonly Size[]): string {
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} kB`.padStart(12);
  const rows = sizes.map(({ name, own, everything }) => `  ${name.padEnd(24)}${kilobytes(own)}${kilobytes(everything)}\n`);
  return `  ${'import { connect }'.padEnd(24)}${'own code'.padStart(12)}${'everything'.padStart(12)}\n${rows.join('')}`;
}

if (import.meta.main) {
  const sizes = await measureAll();
  process.stdout.write(formatSizes(sizes));
  for (const problem of sizes.flatMap(({ problems }) => problems)) {
    process.exitCode = 1;
    console.error(problem);
  }
}
