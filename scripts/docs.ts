// Makes the pages of docs/ that the code itself can tell: docs/operators.md from the doc comments of operators/, and
// docs/providers.md by running the providers. npm run snippets fails where a page differs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { madePages } from './docs/made-pages.js';

const root = join(__dirname, '..');
for (const { file, text } of madePages(root)) writeFileSync(join(root, file), text);
