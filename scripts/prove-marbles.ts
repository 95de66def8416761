// Proves that the marble tests of the operators can fail: breaks each operator in two ways and runs its tests, which have
// to notice. No file is touched: jest is given broken operators in the place of `coldstream/operators`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { exportedOperators, type ExportedOperator } from './operators/exported.js';

const usage = `Usage: npm run prove-marbles -- [--only NAME]... [--verbose] [--help]

Replaces each operator of coldstream/operators by the identity, then by a version that keeps its source subscribed when it
is unsubscribed, and runs that operator's marble tests each time. They must not pass: against the identity a test has to
fail, against the other the test of the case "unsubscribed".

  --only NAME  only this operator; may be given several times
  --verbose    name the tests that failed
  --help       show this

The exit code is 0 if all went red, 1 if one stayed green, 2 if the arguments make no sense. Nothing is written anywhere,
so there is nothing to restore: it can be stopped at any time.`;

const root = join(__dirname, '..');

/** A way to break an operator, and the test that has to notice. */
interface Breakage {
  readonly name: string;
  readonly says: string;
  readonly noticedBy: (title: string) => boolean;
}

const breakages: readonly Breakage[] = [
  { name: 'identity', says: 'replaced by the identity', noticedBy: () => true },
  { name: 'deaf', says: 'ignoring unsubscription', noticedBy: (title) => title.startsWith('unsubscribed: ') },
];

/** What came of one operator's tests. */
interface Outcome {
  readonly file: string;
  readonly tests: number;
  readonly red: readonly string[];
  readonly error?: string;
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

/** Whether the tests noticed. */
function judge({ name, says, noticedBy }: Breakage, { file, tests, red, error }: Outcome, verbose: boolean): boolean {
  const noticed = error === undefined && red.some(noticedBy);
  const verdict = noticed ? 'red  ' : 'GREEN';
  console.log(`${verdict}  ${file.replace('.test.ts', '').padEnd(20)} ${says}: ${String(red.length)} of ${String(tests)} tests fail`);
  if (error !== undefined) console.log(`       the tests could not run (${name}): ${error}`);
  if (verbose) for (const title of red) console.log(`       ${title}`);
  return noticed;
}

/** Runs the tests against operators that are broken in one way; how many of them noticed. */
async function prove(breakage: Breakage, operators: readonly ExportedOperator[], verbose: boolean): Promise<number> {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const reporter = join(__dirname, 'prove-marbles/red-reporter.cjs');
  const child = spawn(process.execPath, [jest, '--silent', '--reporters', reporter, '--runTestsByPath', ...operators.map(({ tests }) => tests)], {
    cwd: root,
    env: { ...process.env, BROKEN_OPERATORS: breakage.name },
    stdio: ['ignore', 'pipe', 'ignore'],
    signal: stop.signal,
  });
  child.once('error', (error) => {
    if (!stop.signal.aborted) throw error;
  });
  const closed = once(child, 'close');
  let noticed = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome: Outcome = JSON.parse(line);
    if (judge(breakage, outcome, verbose)) noticed += 1;
  }
  await closed.catch(() => undefined);
  return noticed;
}

function wanted(only: readonly string[]): readonly ExportedOperator[] {
  const all = exportedOperators(root);
  const unknown = only.filter((name) => !all.some((operator) => operator.name === name));
  if (unknown.length > 0) throw new Error(`no such operator: ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter(({ name }) => only.length === 0 || only.includes(name));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true, default: [] }, verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const operators = wanted(values.only);
  let noticed = 0;
  for (const breakage of breakages) {
    console.log(`${breakage.name}: ${String(operators.length)} operators, each ${breakage.says}`);
    noticed += await prove(breakage, operators, values.verbose);
    if (stop.signal.aborted) break;
  }
  const owed = operators.length * breakages.length;
  if (stop.signal.aborted) console.log('\nstopped');
  else if (noticed === owed) console.log(`\nall ${String(owed)} went red: ${String(operators.length)} operators, broken in ${String(breakages.length)} ways`);
  else console.log(`\n${String(owed - noticed)} of ${String(owed)} stayed green or did not run`);
  process.exitCode = noticed === owed ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(`\n${usage}`);
  process.exitCode = 2;
});
