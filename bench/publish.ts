import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markdown, type Table } from './tables.js';

const page = join(__dirname, '../docs/performance.md');
const BEGIN = '<!-- figures: made by npm run bench -- --publish -->';
const END = '<!-- end of figures -->';

/** When and where it was measured. */
interface Circumstances {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Readonly<Record<string, string | number>>;
}

/** Writes the figures into docs/performance.md, between the two marks. */
export async function publish({ date, quick, machine }: Circumstances, goals: readonly Table[], tables: readonly Table[]): Promise<void> {
  const text = await readFile(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/performance.md has lost its marks: ${BEGIN} and ${END}`);
  const { node, platform, cpu, cores, memoryGiB } = machine;
  const where = `Measured on ${date.slice(0, 10)} with Node ${String(node)} (the peers with their own) on ${String(platform)}, ${String(cores)} cores (${String(cpu)}), ${String(memoryGiB)} GiB, everything on loopback${quick ? ', by a quick run: few rounds, and only what the goals name' : ''}.`;
  const figures = [where, '## Goals', ...goals.map(markdown), '## All figures', ...tables.map(markdown)].join('\n\n');
  await writeFile(page, `${before}${BEGIN}\n\n${figures}\n\n${END}${after}`);
}
