// Two builds of src and operators, each with its own declarations: dist/esm for import, dist/cjs for require.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
const builds = [
  { name: 'esm', type: 'module' },
  { name: 'cjs', type: 'commonjs' },
];

async function build({ name, type }) {
  const child = spawn(process.execPath, [compiler, '-p', `tsconfig.${name}.json`], { cwd: root, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  // The nearest package.json decides how Node reads a file, and whether a bundler may drop it.
  await mkdir(join(root, 'dist', name), { recursive: true });
  await writeFile(join(root, 'dist', name, 'package.json'), `${JSON.stringify({ type, sideEffects: false }, null, 2)}\n`);
  return code === 0;
}

await rm(join(root, 'dist'), { recursive: true, force: true });
const results = await Promise.all(builds.map(build));
if (!results.every(Boolean)) process.exit(1);
await chmod(join(root, 'dist/esm/src/cli/main.js'), 0o755).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
});
