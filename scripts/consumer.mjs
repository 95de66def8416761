// Lives through what a user's first hour holds: packs the package, installs it from the tarball in empty folders beside
// what the registry has today, and uses it there. Needs the network, so it is no part of npm test.
// `npm run consumer -- --keep` leaves the folders in place and says where they are.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const fixtures = join(import.meta.dirname, 'consumer');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const home = await mkdtemp(join(tmpdir(), 'coldstream-consumer-'));
const minutes = 60_000;

const run = (folder, command, ...args) => {
  const env = { ...process.env, ANTHROPIC_API_KEY: '' };
  return execFileSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 5 * minutes, stdio: ['ignore', 'pipe', 'pipe'] });
};

/** An empty application with these packages and nothing else, and the files of a folder of scripts/consumer. */
async function application(name, packages) {
  const folder = join(home, name);
  await mkdir(folder);
  run(folder, 'npm', 'init', '-y');
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', ...packages);
  await cp(join(fixtures, name), folder, { recursive: true });
  return folder;
}

let failures = 0;
let steps = 0;
async function step(label, work) {
  steps += 1;
  try {
    await work();
    console.log(`ok      ${label}`);
  } catch (error) {
    failures += 1;
    const said = [error.stdout, error.stderr].filter(Boolean).join('\n').trim();
    console.error(`failed  ${label}\n${said || error.stack}`);
  }
}

const expect = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

/** The first version that a range like ">=1.12.0 <2" allows. */
const lowest = (range) => /\d+\.\d+\.\d+/.exec(range)[0];

async function plainApplication(tarball) {
  const folder = await application('plain', ['rxjs', tarball]);
  await step('the install brings rxjs and no SDK', () => {
    expect(!existsSync(join(folder, 'node_modules/@anthropic-ai')), 'the Anthropic SDK was installed');
    expect(!existsSync(join(folder, 'node_modules/@modelcontextprotocol')), 'the MCP SDK was installed');
    expect(!existsSync(join(folder, 'node_modules/coldstream/node_modules/rxjs')), 'a second rxjs was installed');
  });
  const entries = Object.entries(manifest.exports).flatMap(([entry, target]) => (typeof target === 'string' ? [] : [manifest.name + entry.slice(1)]));
  for (const entry of entries) {
    await step(`import and require of ${entry}`, () => {
      const compare = `import { createRequire } from 'node:module'; const required = createRequire(import.meta.url)('${entry}');
        const imported = await import('${entry}'); const names = (all) => Object.keys(all).filter((name) => name !== 'default' && name !== 'module.exports').sort().join();
        if (names(imported) === '' || names(imported) !== names(required)) throw new Error(names(imported) + ' is not ' + names(required));`;
      run(folder, 'node', '--input-type=module', '-e', compare);
    });
  }
  await step('without the SDK a subscription fails with a ConfigurationError that names it', () => {
    run(folder, 'node', 'missing-sdk.cjs');
    run(folder, 'node', 'missing-sdk.mjs');
  });
  await step('coldstream --help', () => {
    const help = run(folder, join(folder, 'node_modules/.bin/coldstream'), '--help');
    expect(help.includes('Usage: coldstream') && help.includes('replay'), help);
  });
}

/** A CommonJS suite with types, as most applications have it: the older resolution does not read "exports". */
async function jestApplication(tarball) {
  const folder = await application('jest', ['rxjs', tarball, 'jest@30', 'ts-jest@29', 'typescript@5.9', '@types/jest@30', '@types/node@20']);
  const compilerOptions = { module: 'commonjs', moduleResolution: 'node10', target: 'es2022', strict: true, noEmit: true, esModuleInterop: true };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['node', 'jest'] } }));
  await step('a CommonJS ts-jest suite runs a marble test with the kit', () => {
    run(folder, join(folder, 'node_modules/.bin/tsc'), '-p', '.');
    run(folder, join(folder, 'node_modules/.bin/jest'), '--ci');
  });
}

async function lowestPeers(tarball) {
  const peers = Object.entries(manifest.peerDependencies).map(([name, range]) => `${name}@${lowest(range)}`);
  const folder = await application('peers', [...peers, tarball]);
  await step(`a run with tools and MCP on the oldest peers: ${peers.join(', ')}`, () => {
    const output = run(folder, 'node', 'program.mjs');
    expect(output.includes('17 plus 25 is 42'), output);
  });
}

try {
  run(root, 'npm', 'pack', '--pack-destination', home);
  const tarball = join(home, readdirSync(home).find((name) => name.endsWith('.tgz')));
  await step('an application with the package and rxjs', () => plainApplication(tarball));
  await step('an application with a jest suite', () => jestApplication(tarball));
  await step('an application on the oldest peers', () => lowestPeers(tarball));
} finally {
  if (process.argv.includes('--keep')) console.log(`kept in ${home}`);
  else await rm(home, { recursive: true, force: true });
}
console.log(`consumer: ${steps - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
