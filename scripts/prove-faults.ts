// Takes the guard of each fault away, in a copy of the repository, and sees that the tests titled with it fail:
// `npm run prove-faults`. The files of this checkout are not touched.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors/describe.js';
import { removals, type Edit, type Removal } from './faults/guards.js';
import { faultRows } from './faults/rows.js';
import { names, readTitles } from './faults/titles.js';

const USAGE = `Usage: npm run prove-faults -- [--only M5,T10] [--lanes N]

For each fault of the catalogue (npm run faults lists them) that has a guard in scripts/faults/guards.ts: runs the tests
that are titled with it, takes the guard away in a copy of the repository, runs them again, and expects them to fail.

  --only IDS   only these faults
  --lanes N    how many at a time (default 2)
  --help       this text

Exit code: 0 if the tests of each fault passed with its guard and failed without; 1 if those of one did not, if a guard is
not where it should be, or if a fault of a model, a tool or a consumer has none; 2 for wrong arguments.`;

const root = join(__dirname, '..');
const minutes = 60_000;

interface Options {
  readonly wanted: readonly Removal[];
  readonly lanes: number;
  readonly whole: boolean;
}

/** How the tests of a fault went. */
interface Outcome {
  readonly passed: number;
  readonly failed: readonly string[];
  /** Why a file could not be run at all. */
  readonly broken?: string;
}

interface JestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({ options: { only: { type: 'string' }, lanes: { type: 'string', default: '2' }, help: { type: 'boolean', default: false } } });
  if (values.help) return undefined;
  if (!/^[1-8]$/.test(values.lanes)) throw new Error(`--lanes takes a number from 1 to 8, not ${values.lanes}`);
  const ids = values.only?.split(',').map((id) => id.trim());
  const unknown = ids?.filter((id) => !removals.some((removal) => removal.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`no guard is known for ${unknown.join(', ')}`);
  return { wanted: removals.filter(({ id }) => ids?.includes(id) ?? true), lanes: Number(values.lanes), whole: ids === undefined };
}

/** A copy of what is under version control, or will be, beside the same packages. */
function copyRepository(home: string): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    if (file === '' || file.startsWith('bench/results/')) continue;
    mkdirSync(dirname(join(home, file)), { recursive: true });
    copyFileSync(join(root, file), join(home, file));
  }
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
}

/** Makes the edits of one file; what stood there before, for later. */
function edit(home: string, { file, find, replace }: Edit): () => void {
  const path = join(home, file);
  const before = readFileSync(path, 'utf8');
  const places = find === '' ? 0 : before.split(find).length - 1;
  if (places !== 1) throw new Error(`the guard stands in ${file} ${places} times, not once:\n${find}`);
  writeFileSync(path, before.replace(find, () => replace));
  return () => writeFileSync(path, before);
}

const running = new Set<ChildProcess>();

async function test(home: string, id: string, files: readonly string[], more: readonly string[] = []): Promise<Outcome> {
  const report = join(home, `report-${id}.json`);
  const options = ['--json', `--outputFile=${report}`, '--runInBand', '--reporters=default', '--forceExit', '-t', `\\b${id}\\b`, ...more];
  const child = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...options, ...files], { cwd: home, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  running.add(child);
  const limit = setTimeout(() => stop(child), 5 * minutes);
  const said = await text(child.stderr);
  clearTimeout(limit);
  running.delete(child);
  try {
    const told: JestReport = JSON.parse(readFileSync(report, 'utf8'));
    return outcomeOf(told);
  } catch {
    return { passed: 0, failed: [], broken: said.trim().slice(-400) };
  } finally {
    rmSync(report, { force: true });
  }
}

function outcomeOf({ testResults }: JestReport): Outcome {
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.find(({ assertionResults, message }) => assertionResults.length === 0 && message !== '');
  return {
    passed: results.filter(({ status }) => status === 'passed').length,
    failed: results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    ...(broken === undefined ? {} : { broken: broken.message.trim().slice(0, 400) }),
  };
}

/** What is wrong with the proof of a fault; otherwise which test noticed. */
async function prove(home: string, { id, edits }: Removal, files: readonly string[]): Promise<{ readonly fault?: string; readonly noticed?: string }> {
  if (files.length === 0) return { fault: 'no test is titled with it' };
  const undo: (() => void)[] = [];
  try {
    const before = await test(home, id, files);
    if (before.broken !== undefined || before.failed.length > 0 || before.passed === 0) {
      return { fault: `with the guard its tests do not pass: ${before.broken ?? before.failed[0] ?? 'none was run'}` };
    }
    for (const one of edits) undo.push(edit(home, one));
    const { failed, passed, broken } = await test(home, id, files, ['--testTimeout=8000']);
    const [noticed] = failed;
    if (broken !== undefined) return { fault: `without the guard its tests cannot be run: ${broken}` };
    return noticed === undefined ? { fault: `without the guard its ${before.passed} tests still pass` } : { noticed: `${failed.length} of ${failed.length + passed} red, ${noticed}` };
  } catch (error) {
    return { fault: messageOf(error) };
  } finally {
    for (const back of undo.reverse()) back();
  }
}

function stop(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

async function proveAll({ wanted, lanes, whole }: Options): Promise<number> {
  const homes = Array.from({ length: Math.min(lanes, wanted.length) }, () => mkdtempSync(join(tmpdir(), 'coldstream-faults-')));
  const clean = (): void => {
    for (const child of running) stop(child);
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clean();
      process.exit(130);
    });
  }
  const titles = readTitles(root);
  const waiting = [...wanted];
  let failed = 0;
  let done = 0;
  const lane = async (home: string): Promise<void> => {
    copyRepository(home);
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const { id, without } = one;
      const files = one.files ?? [...new Set(titles.filter(({ title }) => names(title, id)).map(({ file }) => file))];
      const { fault, noticed } = await prove(home, one, files);
      done += 1;
      if (fault !== undefined) failed += 1;
      console.log(`${String(done).padStart(3)}/${wanted.length}  ${id.padEnd(4)} ${fault === undefined ? `proved: ${noticed ?? ''}` : `NOT PROVED: ${fault}`}\n               without: ${without}`);
    }
  };
  try {
    await Promise.all(homes.map(lane));
  } finally {
    clean();
  }
  const bare = whole ? faultRows.filter(({ id }) => !id.startsWith('N') && !removals.some((removal) => removal.id === id)) : [];
  for (const { id, fault } of bare) console.log(`         ${id.padEnd(4)} NOT PROVED: no guard is named for it (${fault})`);
  console.log(`\nprove-faults: ${done - failed} of ${done + bare.length} proved`);
  return failed + bare.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  return proveAll(options);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
