import { defineConfig, type UserConfig } from 'tsdown';

/**
 * The build of a package: its modules as they are, declarations and source maps beside them; nothing but its own code goes in. Not joined into one
 * module per entry, because bundlers leave out and load later whole modules only.
 */
export function build(...entry: string[]): UserConfig {
  return defineConfig({
    entry,
    unbundle: true,
    dts: { sourcemap: true },
    sourcemap: true,
    platform: 'neutral',
    target: 'es2024',
    fixedExtension: true,
    deps: { onlyBundle: [], neverBundle: [/^#/, /^node:/] },
  }) as UserConfig;
}
