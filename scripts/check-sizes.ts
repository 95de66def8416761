// What a browser application downloads for each entry point: bundled, minified and gzipped, with the peers left out. A
// budget that is exceeded is a dependency that crept in, or a reason to raise the figure on purpose. Needs a build.
// `npm run sizes -- --modules` also tells what the bytes are made of.
import { bundledSize, packageName, peers } from './bundled-size.js';

interface Budget {
  /** What the application writes. */
  readonly code: string;
  /** Bytes when the budget was set, and the most that is allowed: about a tenth more. */
  readonly measured: number;
  readonly limit: number;
  /** A package that must not come along. */
  readonly without?: readonly string[];
}

const codecs = ['io-ts', 'fp-ts'];
const budgets: readonly Budget[] = [
  // Used for nothing, an entry point costs nothing: this is what "sideEffects": false promises.
  { code: "import 'coldstream';", measured: 0, limit: 0 },
  { code: "import 'coldstream/operators';", measured: 0, limit: 0 },
  { code: "import 'coldstream/testing';", measured: 0, limit: 0 },
  { code: "export * from 'coldstream';", measured: 44_501, limit: 48_950 },
  { code: "export { agent, tool } from 'coldstream';", measured: 24_379, limit: 26_800, without: codecs },
  { code: "export { StreamEvent } from 'coldstream';", measured: 15_325, limit: 16_850 },
  { code: "export * from 'coldstream/operators';", measured: 9_200, limit: 10_100, without: codecs },
  { code: "export { textOnly } from 'coldstream/operators';", measured: 610, limit: 700, without: codecs },
  { code: "export * from 'coldstream/anthropic';", measured: 18_204, limit: 20_000, without: codecs },
  { code: "export * from 'coldstream/bedrock';", measured: 21_885, limit: 24_050, without: codecs },
  { code: "export * from 'coldstream/sse';", measured: 1_155, limit: 1_300, without: codecs },
  { code: "export * from 'coldstream/testing';", measured: 40_483, limit: 44_550 },
  // The laws check events with the codec; marbles alone do without it.
  { code: "export { marbles, scriptedProvider } from 'coldstream/testing';", measured: 10_254, limit: 11_300, without: codecs },
];

async function check(budget: Budget): Promise<readonly string[]> {
  const { bytes, modules } = await bundledSize(budget.code);
  const stray = (budget.without ?? []).filter((unwanted) => modules.some(([file]) => file.includes(`node_modules/${unwanted}/`)));
  console.log(`${String(bytes).padStart(7)} of ${String(budget.limit).padStart(6)}  ${budget.code}`);
  if (process.argv.includes('--modules')) console.log(modules.map(([file, size]) => `${String(size).padStart(17)}  ${file}`).join('\n'));
  return [
    ...(bytes > budget.limit ? [`${budget.code} costs ${String(bytes)} bytes, over its budget of ${String(budget.limit)}`] : []),
    ...stray.map((unwanted) => `${budget.code} brings ${unwanted} along`),
  ];
}

async function main(): Promise<void> {
  console.log(`sizes of ${packageName}, minified and gzipped, without ${peers.join(', ')}:`);
  const problems: string[] = [];
  for (const budget of budgets) {
    problems.push(...(await check(budget).catch((error: unknown) => [`${budget.code} does not bundle for a browser: ${String(error)}`])));
  }
  if (problems.length === 0) return;
  console.error(problems.join('\n'));
  process.exitCode = 1;
}

void main();
