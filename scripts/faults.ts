// Which tests hold which fault of the catalogue: `npm run faults`. A fault that no test is titled with is a failure.
import { join } from 'node:path';
import { faultRows, type FaultRow } from './faults/rows.js';
import { names, readTitles, type Titled } from './faults/titles.js';

function lineOf({ id, fault }: FaultRow, titles: readonly Titled[]): { readonly line: string; readonly held: boolean } {
  const held = titles.filter(({ title }) => names(title, id));
  const files = [...new Set(held.map(({ file }) => file))];
  const where = files.length > 2 ? `${files.slice(0, 2).join(', ')} and ${files.length - 2} more` : files.join(', ');
  return { line: `${id.padEnd(4)}${fault.padEnd(40)}${String(held.length).padStart(3)}  ${where}`, held: held.length > 0 };
}

const titles = readTitles(join(__dirname, '..'));
const lines = faultRows.map((row) => ({ ...row, ...lineOf(row, titles) }));
console.log(lines.map(({ line }) => line).join('\n'));
const missing = lines.filter(({ held }) => !held);
if (missing.length > 0) {
  console.error(`\nNo test is titled with ${missing.map(({ id, fault }) => `${id} (${fault})`).join(', ')}.`);
  process.exitCode = 1;
} else console.log(`\nfaults: ${lines.length} rows, each in the title of a test`);
