// Installs and runs the examples that live in applications of well-known frameworks. Each is a package of its own, so
// that the frameworks are not installed with this one, and each installs this package as a copy of what is published.
//   node scripts/run-app-examples.mjs [FOLDER…]     all of them, or some: nestjs
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const root = join(import.meta.dirname, '..');
const examples = join(root, 'examples');
const readJson = async (...path) => JSON.parse(await readFile(join(...path), 'utf8'));

/** Runs npm and gives what it printed; a failure carries the same. Five minutes are more than any of this takes. */
function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000, shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code, signal) => (code === 0 ? resolve(output) : reject(new Error(`npm ${args.join(' ')}: ${signal ?? `exit code ${code}`}\n${output}`))));
  });
}

const { dependencies } = await readJson(root, 'package.json');

async function run(name) {
  const folder = join(examples, name);
  const lock = await readJson(folder, 'package-lock.json');
  // npm ci does not look: what is missing would be found in the root's node_modules, and in no user's.
  if (!isDeepStrictEqual(lock.packages['node_modules/coldstream']?.dependencies, dependencies)) {
    throw new Error(`package-lock.json lists other dependencies of coldstream than package.json does: run npm install in examples/${name}`);
  }
  await npm(['ci', '--no-audit', '--no-fund'], folder);
  return npm(['test', '--silent'], folder);
}

const folders = (await readdir(examples)).filter((name) => existsSync(join(examples, name, 'package.json'))).sort();
const wanted = process.argv.length > 2 ? process.argv.slice(2) : folders;
const unknown = wanted.filter((name) => !folders.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} among ${folders.join(', ')}.`);
  process.exit(2);
}

await npm(['run', 'build'], root).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
const results = await Promise.all(
  wanted.map(async (name) => {
    try {
      const output = await run(name);
      console.log(`ok     ${output.trim().split('\n').at(-1)}`);
      return true;
    } catch (error) {
      console.log(`FAILED ${name}: ${error.message}`);
      return false;
    }
  }),
);
console.log(`${results.filter(Boolean).length} of ${wanted.length} application examples pass`);
process.exitCode = results.every(Boolean) ? 0 : 1;
