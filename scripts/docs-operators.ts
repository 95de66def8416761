// Makes docs/operators.md from the doc comments of operators/. With --check it writes nothing, and fails where the page
// and the comments differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatorsPage } from './docs/operators-page.js';

const root = join(__dirname, '..');
const file = join(root, 'docs/operators.md');
const page = operatorsPage(root);

if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/operators.md differs from the doc comments of operators/: run node --import tsx scripts/docs-operators.ts');
  process.exitCode = 1;
}
