// Random runs of an agent, in virtual time, each held to the laws: `npm run loops -- --runs 100000 --seed 1`.
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors/describe.js';
import { caseOf } from './loops/case.js';
import { faultOf } from './loops/judge.js';
import { play } from './loops/play.js';

const USAGE = `Usage: npm run loops -- [--runs N] [--seed N] [--case N]

Plays random runs of an agent over scripted models and tools, in virtual time: turns that are whole, cut, refused or hung,
tools that answer, fail, hang or are missing, runs that are stopped at any point by unsubscribing or by a signal. Of each
it checks that events are numbered without gaps, that nothing follows the one last event, that each call has one result and
one end, that results are kept in the order of the calls, that all that is sent and kept is a sound conversation, and that
nothing runs on.

  --runs N   how many runs (default 10000)
  --seed N   where chance starts (default: another one each time)
  --case N   only the run of that number, and all its events
  --help     this text

Exit code: 0 if all hold; 1 at the first that does not, with how to repeat it; 2 for wrong arguments.`;

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly only: number | undefined;
}

function count(name: string, text: string): number {
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}`);
  return Number(text);
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' }, case: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : count('seed', values.seed);
  return { runs: count('runs', values.runs), seed, only: values.case === undefined ? undefined : count('case', values.case) };
}

/** Plays one and says what is wrong with it; a throw of our own is a fault like any other. */
function tryCase(seed: number, number: number, told = false): string | undefined {
  const one = caseOf(seed, number);
  if (told) console.log(JSON.stringify(one, null, 2));
  try {
    const played = play(one);
    if (told) for (const event of played.events) console.log(JSON.stringify(event));
    return faultOf(one, played);
  } catch (error) {
    return `it threw: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`;
  }
}

function report(seed: number, number: number, fault: string): number {
  console.error(`FAIL  run ${number}: ${fault}\nrepeat it: npm run loops -- --seed ${seed} --case ${number}`);
  return 1;
}

/** Between two looks at the clock. */
const chunk = 250;

async function playAll({ runs, seed }: Options): Promise<number> {
  const begun = performance.now();
  let shown = begun;
  console.log(`${runs} runs, seed ${seed}`);
  for (let number = 0; number < runs; number += 1) {
    const fault = tryCase(seed, number);
    if (fault !== undefined) return report(seed, number, fault);
    if (number % chunk !== 0) continue;
    const time = performance.now();
    if (time - shown > (process.stderr.isTTY ? 500 : 15_000)) {
      shown = time;
      const left = Math.round(((time - begun) / 1_000 / (number + 1)) * (runs - number));
      process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${number}/${runs}, ${left} s to go` : `${number}/${runs}, ${left} s to go\n`);
    }
    // Work that outlives its run, and Ctrl-C, have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  console.log(`all ${runs} hold (${((performance.now() - begun) / 1_000).toFixed(0)} s)`);
  return 0;
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
  const { seed, only } = options;
  if (only === undefined) return playAll(options);
  const fault = tryCase(seed, only, true);
  if (fault !== undefined) return report(seed, only, fault);
  console.log(`run ${only} of seed ${seed} holds`);
  return 0;
}

process.on('unhandledRejection', (error) => {
  console.error('FAIL  a rejection that nobody handles:', error);
  process.exit(1);
});

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
