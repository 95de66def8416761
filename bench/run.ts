// Measures coldstream beside the least that its work can cost (limit B), the raw SDKs and the peers:
// `npm run bench`, after `npm run bench:install`. Everything runs on loopback; no key and no network is needed.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { buildBench, buildPackage } from './build.js';
import { goals, isMeasured, isReached, type Goal } from './goals.js';
import { libraryGoals, libraryTables, measureLibrary } from './library.js';
import { startServices } from './measure.js';
import { peerNode } from './peers/node.js';
import { progress } from './progress.js';
import { publish } from './publish.js';
import type { Measured } from './results.js';
import { measureSeries, type Bench } from './rounds.js';
import { full, quick, series } from './series.js';
import { goalsTable, plain, seriesTable, type Table } from './tables.js';

interface Options {
  readonly quick: boolean;
  readonly build: boolean;
  readonly peers: boolean;
  readonly only?: string;
  readonly rounds?: number;
  readonly out: string;
  readonly publish: boolean;
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new InvalidArgumentError('It must be a number from 1 to 999.');
  return Number(text);
}

function readOptions(): Options {
  return new Command('npm run bench --')
    .description(
      'Measures coldstream beside limit B, the raw SDKs and the peers, one process a measurement,\n' +
        'and tells which goals are reached. Install the peers first: npm run bench:install.',
    )
    .option('--quick', 'what the goals name, in few rounds: about three minutes', false)
    .option('--only <text>', 'only what has this in its name: text-anthropic, loop, heap, library ...')
    .option('--rounds <n>', 'rounds of each series', count)
    .option('--no-peers', 'leave the peers out')
    .option('--no-build', 'measure what stands in dist, as it is')
    .option('--out <file>', 'where the figures go', join('bench', 'results', 'latest.json'))
    .option('--publish', 'write the figures into docs/performance.md', false)
    .addHelpText('after', '\nExit code: 0 if every goal that was measured is reached; 1 if one is not, or if a client\nof ours failed; 2 for wrong arguments.')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse()
    .opts<Options>();
}

/** A page holds the figures of all goals, or none. */
function refusePart({ publish: toPage, peers, only }: Options): void {
  if (toPage && (!peers || only !== undefined)) throw new Error('--publish goes with all that is measured: leave --only and --no-peers out.');
}

function machine(): Readonly<Record<string, string | number>> {
  const [cpu] = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

function peersFor({ peers }: Options): string | undefined {
  const node = peers ? peerNode() : undefined;
  if (peers && node === undefined) console.error('The peers are not installed and are left out: run npm run bench:install, or give --no-peers.');
  return node;
}

/** Measures what was asked for and tells of it; whether all goals are reached. */
async function runBench(options: Options): Promise<boolean> {
  refusePart(options);
  const begun = performance.now();
  const scale = options.quick ? quick : full;
  const extent = options.rounds === undefined ? scale : { ...scale, textRounds: options.rounds, rounds: options.rounds, peerRounds: options.rounds };
  if (options.build) await buildPackage();
  await buildBench();
  const services = await startServices();
  const bench: Bench = { addresses: services.addresses, extent, peerNode: peersFor(options) };
  const { only = '' } = options;
  const measured: Measured[] = [];
  const tables: Table[] = [];
  const show = (table: Table): void => {
    tables.push(table);
    console.log(`\n${plain(table)}`);
  };
  for (const one of series(extent).filter(({ id, clients }) => clients.length > 0 && id.includes(only))) {
    const found = await measureSeries(one, bench);
    measured.push(found);
    show(seriesTable(one, found));
  }
  services.stop();
  const library = 'library'.includes(only) ? await measureLibrary(extent.peerRounds) : undefined;
  if (library !== undefined) libraryTables(library).forEach(show);
  const find = (id: string): Measured => measured.find((one) => one.id === id) ?? { id, rounds: [], failures: {} };
  const sections: Readonly<Record<string, readonly Goal[]>> = {
    'Anthropic': goals(find, 'anthropic'),
    'Bedrock over HTTP/2': goals(find, 'bedrock'),
    'The package': library === undefined ? [] : libraryGoals(library),
  };
  const reached = Object.entries(sections).map(([title, listed]) => goalsTable(title, only === '' ? listed : listed.filter(isMeasured)));
  for (const table of reached) if (table.rows.length > 1) console.log(`\n${plain(table)}`);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const report = { date: new Date().toISOString(), machine: machine(), quick: options.quick, seconds, goals: sections, series: measured, library };
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
  if (options.publish) await publish(report, reached, tables);
  return verdict(Object.values(sections).flat(), measured, `${String(seconds)} s; all figures are in ${options.out}`);
}

function verdict(listed: readonly Goal[], measured: readonly Measured[], more: string): boolean {
  const known = listed.filter(isMeasured);
  const reached = known.filter((goal) => isReached(goal, goal.most));
  const failed = measured.flatMap(({ id, failures }) => Object.keys(failures).map((client) => ({ id, client })));
  const ours = failed.filter(({ id, client }) => series(quick).some((one) => one.id === id && one.clients.includes(client)));
  console.log(`\n${String(reached.length)} of ${String(known.length)} goals reached, ${more}`);
  if (failed.length > 0) console.error(`not measured, since they failed: ${failed.map(({ id, client }) => `${client} (${id})`).join(', ')}`);
  return reached.length === known.length && ours.length === 0;
}

runBench(readOptions()).then(
  (reached) => process.exit(reached ? 0 : 1),
  (error: unknown) => {
    progress('');
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
