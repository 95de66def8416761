// Packs the package as it would be published, has publint and attw judge it, unpacks it beside its dependencies, and
// loads every entry point in both module systems, the way an application outside this repository does.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const home = await mkdtemp(join(tmpdir(), 'coldstream-package-'));
const run = (command, args, cwd = home) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const problems = [];
const attempt = (label, work) => {
  try {
    work();
  } catch (error) {
    const lines = String(error.stderr || error.stdout || error.message).trim().split('\n');
    problems.push(`${label}: ${lines.find((line) => /^\w*Error\b|error TS/.test(line)) ?? lines.find((line) => line.includes('rror')) ?? lines[0]}`);
  }
};
/** Runs a command of node_modules on the tarball. Unless it is content, suggestions included, what it says is said whole. */
const judge = (name, script, args, content) => {
  try {
    const said = run(process.execPath, [join(root, 'node_modules', script), ...args]);
    if (!said.includes(content)) problems.push(`${name}:\n${said.trim()}`);
  } catch (error) {
    problems.push(`${name}:\n${String(error.stdout || error.stderr || error.message).trim()}`);
  }
};

/** Links a package of this checkout into the application's own node_modules. */
async function link(name) {
  const target = join(home, 'node_modules', name);
  await mkdir(join(target, '..'), { recursive: true });
  await symlink(join(root, 'node_modules', name), target);
}

const filesOf = (target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf));

try {
  // The build is made before; the pack's own would make it again.
  const [{ filename, files }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], root));
  judge('publint', 'publint/src/cli.js', [join(home, filename), '--strict'], 'All good!');
  judge('attw', '@arethetypeswrong/cli/dist/index.js', [join(home, filename), '--format', 'ascii'], 'No problems found');
  const installed = join(home, 'node_modules', manifest.name);
  await mkdir(installed, { recursive: true });
  run('tar', ['-xzf', join(home, filename), '-C', installed, '--strip-components=1']);
  await writeFile(join(home, 'package.json'), '{ "private": true }\n');
  const peers = Object.keys(manifest.peerDependencies);
  const optional = peers.filter((name) => manifest.peerDependenciesMeta[name]?.optional === true);
  for (const name of [...Object.keys(manifest.dependencies), ...peers]) if (!optional.includes(name)) await link(name);

  const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object');
  for (const [entry, target] of entries) {
    for (const file of filesOf(target)) if (!existsSync(join(installed, file))) problems.push(`${entry}: ${file} is not in the package`);
  }
  for (const file of Object.values(manifest.bin)) if (!existsSync(join(installed, file))) problems.push(`bin: ${file} is not in the package`);

  // Without the optional peers: an import must not need what only a subscription needs.
  // Nor must it leave a trace, for "sideEffects": false tells bundlers that it leaves none.
  const look = `Object.keys(Object.getOwnPropertyDescriptors(globalThis)).concat([Object, Array, String, Promise, Symbol].flatMap((one) => [one, one.prototype].flatMap(Reflect.ownKeys))).map(String).join()`;
  const before = `const before = ${look}`;
  const found = `const after = ${look}`;
  const untouched = `if (before !== after) throw new Error('changes what is global')`;
  const names = entries.map(([entry]) => manifest.name + entry.slice(1));
  for (const name of names) {
    const same = `${found}; if (Object.keys(loaded).length === 0) throw new Error('exports nothing'); ${untouched}`;
    attempt(`import '${name}'`, () => run('node', ['--input-type=module', '-e', `${before}; const loaded = await import('${name}'); ${same}`]));
    attempt(`require('${name}')`, () => run('node', ['-e', `${before}; const loaded = require('${name}'); ${same}`]));
  }

  // The declarations, as a strict application of either kind reads them.
  for (const name of [...optional, '@types/node', 'undici-types']) await link(name);
  const compilerOptions = { strict: true, noEmit: true, target: 'es2022', lib: ['es2023', 'dom'], skipLibCheck: false, types: ['node'] };
  const uses = names.map((name, index) => `import * as entry${index} from '${name}';\nexport type Entry${index} = keyof typeof entry${index};`);
  await writeFile(join(home, 'esm.mts'), uses.join('\n'));
  await writeFile(join(home, 'cjs.cts'), uses.join('\n'));
  await writeFile(
    join(home, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, module: 'nodenext' }, files: ['esm.mts', 'cjs.cts'] }),
  );
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  attempt('declarations', () => run('node', [compiler, '-p', '.']));

  const [[command, file]] = Object.entries(manifest.bin);
  attempt(`bin ${command}`, () => run(join(installed, file), ['--help']));

  const stray = files.map(({ path }) => path).filter((path) => /\.(test|spec)\.|tsbuildinfo/.test(path));
  if (stray.length > 0) problems.push(`files that nobody needs: ${stray.join(', ')}`);
} finally {
  await rm(home, { recursive: true, force: true });
}

if (problems.length > 0) {
  console.error(problems.map((problem) => `- ${problem}`).join('\n'));
  process.exit(1);
}
const size = (await readdir(join(root, 'dist/esm'), { recursive: true })).filter((name) => name.endsWith('.js')).length;
console.log(`package: every entry point loads by import and by require (${size} modules)`);
