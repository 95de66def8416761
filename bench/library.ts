import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { bundledSize, entryPoints } from '../scripts/bundled-size.js';
import type { Case } from './case.js';
import { GROWTH, type Goal } from './goals.js';
import { figuresOf } from './measure.js';
import { progress } from './progress.js';
import { growth } from './results.js';
import { INPUT_BYTES } from './series.js';
import { summary, type Summary } from './statistics.js';
import { digits, spreadOf, type Table } from './tables.js';
import type { Figures } from './task.js';

/** What was measured of the package itself: figures of each round. */
export interface Library {
  /** Nanoseconds of CPU an event costs, by operator. */
  readonly operators: readonly Figures[];
  /** Nanoseconds of CPU a byte of tool input costs, by its size. */
  readonly partialInput: readonly Figures[];
  /** Milliseconds of loading, rxjs already loaded, by module system. */
  readonly imports: readonly Figures[];
  /** Bytes of each entry point, bundled, minified and gzipped. */
  readonly entries: Figures;
  /** Bytes of the package as it is published, and unpacked. */
  readonly packed: Figures;
}

const root = join(__dirname, '..');
const EVENTS = 10_000;
const LOADS = 5;

const loads: Readonly<Record<string, readonly [flag: string, code: string]>> = {
  import: [
    '--input-type=module',
    "await import('rxjs'); await import('rxjs/operators'); const begun = performance.now(); await import('coldstream'); await import('coldstream/anthropic'); console.log(performance.now() - begun)",
  ],
  require: [
    '--input-type=commonjs',
    "require('rxjs'); require('rxjs/operators'); const begun = performance.now(); require('coldstream'); require('coldstream/anthropic'); console.log(performance.now() - begun)",
  ],
};

function loadTimes(): Figures {
  return Object.fromEntries(
    Object.entries(loads).map(([name, [flag, code]]) => [name, Number(execFileSync(process.execPath, [flag, '-e', code], { cwd: root, encoding: 'utf8' }))]),
  );
}

function packedSizes(): Figures {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ size, unpackedSize, entryCount }]: [{ size: number; unpackedSize: number; entryCount: number }] = JSON.parse(output);
  return { packed: size, unpacked: unpackedSize, files: entryCount };
}

/** Measures what needs no service. */
export async function measureLibrary(rounds: number): Promise<Library> {
  const operators: Figures[] = [];
  const partialInput: Figures[] = [];
  const imports: Figures[] = [];
  const run = (wanted: Case): Promise<Figures> => figuresOf('case', wanted);
  for (let round = 0; round < rounds; round += 1) {
    progress(`the library, round ${String(round + 1)} of ${String(rounds)}`);
    operators.push(await run({ kind: 'operators', events: EVENTS }));
    partialInput.push(await run({ kind: 'partial-input', sizes: INPUT_BYTES }));
    for (let load = 0; load < LOADS; load += 1) imports.push(loadTimes());
  }
  const entries: Record<string, number> = {};
  for (const entry of entryPoints) entries[entry] = (await bundledSize(`export * from '${entry}';`, 'node')).bytes;
  progress('');
  return { operators, partialInput, imports, entries, packed: packedSizes() };
}

function figure(rounds: readonly Figures[], name: string): Summary {
  return summary(rounds.map((round) => round[name] ?? NaN));
}

function rowsOf(rounds: readonly Figures[]): readonly (readonly string[])[] {
  return Object.keys(rounds[0] ?? {}).map((name) => [name, spreadOf(figure(rounds, name))]);
}

/** What the package itself costs. */
export function libraryTables({ operators, partialInput, imports, entries, packed }: Library): readonly Table[] {
  const sizes = Object.entries({ ...entries, ...packed }).map(([name, bytes]) => [name, digits(bytes)]);
  return [
    { title: 'operators: CPU of an event beyond an empty pipe', rows: [['', 'ns'], ...rowsOf(operators)] },
    { title: 'partialToolInput, each value looked at: CPU of a byte, by the size of the input', rows: [['bytes', 'ns'], ...rowsOf(partialInput)] },
    { title: 'loading coldstream and coldstream/anthropic, rxjs already loaded', rows: [['', 'ms'], ...rowsOf(imports)] },
    { title: 'entry points, minified and gzipped, without the peers; the package as it is published', rows: [['', 'bytes'], ...sizes] },
  ];
}

/** The goals that concern the package itself. */
export function libraryGoals({ partialInput, imports }: Library): readonly Goal[] {
  const grown = growth(partialInput, (round) => INPUT_BYTES.map((bytes) => round[String(bytes)] ?? NaN));
  return [
    { title: 'partialToolInput, cost of a byte, 16 KiB to 1 MiB', unit: GROWTH, most: 1.3, figure: grown },
    ...Object.keys(loads).map((name): Goal => ({ title: `loading by ${name}, over rxjs`, unit: 'ms', most: 30, figure: figure(imports, name) })),
  ];
}
