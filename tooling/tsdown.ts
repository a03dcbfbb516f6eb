import { defineConfig, type UserConfig } from 'tsdown';

/** The build of a package: one module per entry, declarations and source maps beside it; nothing but its own code goes in. */
export function build(...entry: string[]): UserConfig {
  return defineConfig({
    entry,
    dts: { sourcemap: true },
    sourcemap: true,
    platform: 'neutral',
    target: 'es2024',
    fixedExtension: true,
    deps: { onlyBundle: [], neverBundle: [/^#/] },
  }) as UserConfig;
}
