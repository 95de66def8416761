// Runs every program of examples/ the way a reader does, one after the other, without any key; with --all also the
// examples that are packages of their own. Each has a bounded time; a line says how each went.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { concatMap, from, map, mergeMap, Observable, of, reduce, tap, timer } from 'rxjs';

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly limitMs: number;
}

interface Example {
  readonly name: string;
  /** Run in this order, up to the first that fails. */
  readonly commands: readonly Command[];
}

interface Outcome {
  readonly name: string;
  /** Why it failed; `null` where it did not. */
  readonly failure: string | null;
  readonly output: string;
}

const usage = `Usage: npm run examples -- [--all] [--verbose] [NAME...]

Runs the programs of examples/, or those named, and says of each whether it passed.

  --all      also the examples that have a package.json of their own: npm ci, then npm test;
             they use the built package, so run npm run build before
  --verbose  show what each prints
  --help     show this

The exit code is 0 if all passed, 1 if one failed, 2 if the arguments make no sense.`;

const root = join(__dirname, '..');
const folder = join(root, 'examples');

const programs = (): readonly Example[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      name: file.slice(0, -'.ts'.length),
      commands: [{ program: process.execPath, args: ['--import', 'tsx', join('examples', file)], folder: root, limitMs: 60_000 }],
    }));

function packageOf(name: string): Example {
  const npm = (...args: readonly string[]): Command => ({ program: 'npm', args, folder: join(folder, name), limitMs: 600_000 });
  return { name, commands: [npm('ci', '--no-audit', '--no-fund'), npm('test')] };
}

const packages = (): readonly Example[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'package.json')))
    .map(({ name }) => packageOf(name));

/** The environment without the keys and addresses of model services: an example needs none, and must spend nothing. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ANTHROPIC|AWS|BEDROCK|OPENAI)_/.test(name)));
}

/** Runs one command; on unsubscription and at its time limit it is killed with everything that it started. */
function execute({ program, args, folder: cwd, limitMs }: Command): Observable<Omit<Outcome, 'name'>> {
  return new Observable((subscriber) => {
    const child = spawn(program, args, { cwd, env: environment(), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const finish = (failure: string | null): void => {
      subscriber.next({ failure, output });
      subscriber.complete();
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => finish(error.message));
    child.on('close', (code, signal) => finish(code === 0 ? null : `exit ${signal ?? String(code)}`));
    subscriber.add(timer(limitMs).subscribe(() => finish(`still running after ${String(limitMs / 1_000)} s`)));
    subscriber.add(() => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-child.pid, 'SIGKILL');
    });
  });
}

/** Runs an example's commands in order, up to the first that fails. */
function run({ name, commands }: Example): Observable<Outcome> {
  const [first, ...rest] = commands;
  if (first === undefined) return of({ name, failure: null, output: '' });
  return execute(first).pipe(
    mergeMap((outcome) => (outcome.failure === null && rest.length > 0 ? run({ name, commands: rest }) : of({ name, ...outcome }))),
    map((outcome) => (outcome.failure === null && outcome.output.trim() === '' ? { ...outcome, failure: 'it printed nothing' } : outcome)),
  );
}

const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ');

function report({ name, failure, output }: Outcome, verbose: boolean): void {
  console.log(failure === null ? `ok      ${name}` : `FAILED  ${name}: ${failure}`);
  if (verbose || failure !== null) console.log(indented(output));
}

interface Options {
  readonly help: boolean;
  readonly verbose: boolean;
  readonly examples: readonly Example[];
}

/** @throws Error that says what is wrong with the arguments */
function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { all: { type: 'boolean' }, verbose: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const { all = false, verbose = false, help = false } = values;
  const known = [...programs(), ...packages()];
  const unknown = positionals.find((name) => !known.some((example) => example.name === name));
  if (unknown !== undefined) throw new Error(`There is no example ${unknown}.`);
  const examples = known.filter(({ name, commands }) => (positionals.length > 0 ? positionals.includes(name) : all || commands.length === 1));
  const built = existsSync(join(root, 'dist'));
  if (!built && examples.some(({ commands }) => commands.length > 1)) throw new Error('The package is not built yet: npm run build.');
  return { help, verbose, examples };
}

function runAll({ examples, verbose }: Options): void {
  from(examples)
    .pipe(
      concatMap(run),
      tap((outcome) => report(outcome, verbose)),
      reduce((failed, { failure }) => failed + (failure === null ? 0 : 1), 0),
    )
    .subscribe((failed) => {
      console.log(`${String(examples.length - failed)} of ${String(examples.length)} examples passed`);
      if (failed > 0 || examples.length === 0) process.exitCode = 1;
    });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else runAll(options);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
