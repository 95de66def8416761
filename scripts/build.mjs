// Two builds of src and operators, each with its own declarations: dist/esm for import, dist/cjs for require. They keep
// one file a module, so that a bundler can leave out what an application does not use. dist/node holds the same entry
// points in few files, for Node alone: opening a hundred of them takes longer than all that they do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';

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

const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** The entry points by the names of their bundles, with the files that `import` finds outside Node. */
const entries = Object.values(manifest.exports).flatMap((target) => {
  if (typeof target === 'string') return [];
  const [, name] = /node\/(.+)\.mjs$/.exec(target.node.import.default);
  return [{ name, file: join(root, target.import.default) }];
});

/** The peers stay packages, since an application has them too; what only we need comes along. */
const forNode = {
  bundle: true,
  external: Object.keys(manifest.peerDependencies).flatMap((peer) => [peer, `${peer}/*`]),
  platform: 'node',
  target: 'node20',
  outdir: join(root, 'dist/node'),
  metafile: true,
  logLevel: 'warning',
};

async function bundleForNode() {
  const esm = await bundle({
    ...forNode,
    entryPoints: Object.fromEntries(entries.map(({ name, file }) => [name, file])),
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
  });
  // One file for all of them, since they share what they are made of; each part runs when it is asked for.
  const parts = entries.map(({ name, file }) => `${JSON.stringify(name)}: () => require(${JSON.stringify(file)})`);
  await bundle({
    ...forNode,
    stdin: { contents: `module.exports = { ${parts.join(', ')} };`, resolveDir: root, sourcefile: 'parts.cjs' },
    entryNames: 'parts',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // As in dist/cjs: an import() would not do where a test runner stands in for Node's loader.
    supported: { 'dynamic-import': false },
  });
  await Promise.all(entries.map(({ name }) => writeFile(join(root, 'dist/node', `${name}.cjs`), `module.exports = require('./parts.cjs')['${name}']();\n`)));
  await writeFile(join(root, 'dist/node/THIRD-PARTY-LICENSES.txt'), await licensesOf(Object.keys(esm.metafile.inputs)));
}

/** The licences of the packages that files come from. */
async function licensesOf(files) {
  const packages = new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  const texts = [...packages].sort().map(async (name) => {
    const folder = join(root, 'node_modules', name);
    const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${file === undefined ? '' : await readFile(join(folder, file), 'utf8')}`;
  });
  return (await Promise.all(texts)).join('\n----\n\n');
}

await rm(join(root, 'dist'), { recursive: true, force: true });
const results = await Promise.all(builds.map(build));
if (!results.every(Boolean)) process.exit(1);
await bundleForNode();
await chmod(join(root, 'dist/esm/src/cli/main.js'), 0o755).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
});
