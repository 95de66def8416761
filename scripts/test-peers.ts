// Runs the tests of everything that stands on rxjs against the older versions that package.json installs beside the
// current one (rxjs-7.8.0 and so on), and compiles the library against their declarations.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const root = join(__dirname, '..');
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const versions = Object.keys(manifest.devDependencies).flatMap((name) => (name.startsWith('rxjs-') ? [name.slice('rxjs-'.length)] : []));
const suites = ['marble-tests', 'test/operators', 'test/agent', 'test/resilience', 'test/internal'];

function readProject(): ts.ParsedCommandLine {
  const read = ts.readConfigFile(join(root, 'tsconfig.esm.json'), (file) => ts.sys.readFile(file));
  return ts.parseJsonConfigFileContent(read.config, ts.sys, root);
}

function typeProblems(version: string): readonly string[] {
  const { fileNames, options } = readProject();
  const types = join(root, 'node_modules', `rxjs-${version}`, 'dist/types');
  const paths = { ...options.paths, rxjs: [join(types, 'index.d.ts')], 'rxjs/*': [join(types, '*/index.d.ts')] };
  const program = ts.createProgram(fileNames, { ...options, noEmit: true, paths });
  const read = program.getSourceFiles().map(({ fileName }) => fileName);
  if (!read.some((file) => file.startsWith(types)) || read.some((file) => file.includes('/node_modules/rxjs/'))) {
    return [`the compiler read another rxjs than ${version}`];
  }
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`;
  });
}

function testsPass(version: string): boolean {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { status } = spawnSync(process.execPath, [jest, ...suites], { cwd: root, env: { ...process.env, RXJS: version }, stdio: 'inherit' });
  return status === 0;
}

const lowest = manifest.peerDependencies['rxjs']?.replace('^', '') ?? '';
const problems = versions.includes(lowest) ? [] : [`rxjs ${lowest}, the lowest that the package allows, is not among ${versions.join(', ')}`];
for (const version of versions) {
  console.log(`== rxjs ${version}`);
  problems.push(...typeProblems(version).map((problem) => `rxjs ${version}: ${problem}`));
  if (!testsPass(version)) problems.push(`rxjs ${version}: tests fail`);
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`peers: rxjs ${versions.join(' and ')} pass`);
