import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { progress } from './progress.js';

const here = __dirname;

/** Where the built modules stand: beside what they were made of, so that each finds its own packages. */
export const built = { bench: join(here, '.build'), peers: join(here, 'peers/.build') } as const;

function modulesIn(folder: string): readonly string[] {
  if (!existsSync(join(here, folder))) return [];
  return readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(here, folder, name));
}

async function bundle(entryPoints: readonly string[], outdir: string, outbase: string): Promise<void> {
  await build({
    entryPoints: [...entryPoints],
    outdir,
    outbase,
    bundle: true,
    // What is measured stands in packages, and is loaded as an application would load it.
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    // The paths of the repository's own compiler options would lead into its sources.
    tsconfigRaw: {},
    logLevel: 'silent',
  });
}

/** Builds the package: what applications load is what is measured. */
export async function buildPackage(): Promise<void> {
  progress('building the package');
  const child = spawn(process.execPath, [join(here, '../scripts/build.mjs')], { stdio: 'inherit' });
  const [code]: unknown[] = await once(child, 'exit');
  if (code !== 0) throw new Error('The package does not build.');
}

/** Makes plain modules of the bench, so that no compiler runs in a process that is measured. */
export async function buildBench(): Promise<void> {
  const ours = [join(here, 'worker.ts'), join(here, 'server/main.ts'), join(here, 'case.ts'), ...modulesIn('clients')];
  await bundle(ours, built.bench, here);
  await bundle(modulesIn('peers/clients'), built.peers, join(here, 'peers'));
}
