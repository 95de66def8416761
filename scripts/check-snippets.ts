// Checks the documents and the @example blocks of the sources. Every ```ts block is type-checked against the package's own
// entry points; a ```ts run block is run as well, has to exit with 0, and prints what its "// Logs:" says. A block that
// follows <!-- file: PATH --> must be that file, word for word. Links to files and headings must lead there, and
// docs/operators.md and docs/providers.md must be what the code gives.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { compile } from './docs/compile.js';
import { brokenLinksOf } from './docs/links.js';
import { madePages } from './docs/made-pages.js';
import { run } from './docs/run.js';
import { examplesOf, snippetsOf, uncheckedFences, type Snippet } from './docs/snippet.js';

const root = join(__dirname, '..');
const operators = 'docs/operators.md';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

function filesBelow(folder: string, extension: string): readonly string[] {
  return ts.sys.readDirectory(join(root, folder), [extension]).map((file) => relative(root, file));
}

function differsFromFile({ file, line, code, shows }: Snippet): readonly string[] {
  if (shows === undefined || ts.sys.readFile(join(root, shows)) === code) return [];
  return [`${file}:${String(line)}: differs from ${shows}`];
}

async function check(): Promise<void> {
  const atRoot = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'CHANGELOG.md', 'SECURITY.md'].filter((file) => ts.sys.fileExists(join(root, file)));
  const documents = [...atRoot, ...filesBelow('docs', '.md')];
  const sources = [...filesBelow('src', '.ts'), ...filesBelow('operators', '.ts')];
  const snippets = [
    // The page of the operators repeats examples that are checked where they come from.
    ...documents.filter((file) => file !== operators).flatMap((file) => snippetsOf(file, read(file))),
    ...sources.flatMap((file) => examplesOf(file, read(file))),
  ];
  const programs = snippets.filter(({ runs }) => runs);
  const problems = [
    ...compile(root, snippets),
    ...snippets.flatMap(differsFromFile),
    ...documents.flatMap((file) => [...uncheckedFences(file, read(file)), ...brokenLinksOf(root, file, read(file))]),
    ...madePages(root).flatMap(({ file, text }) => (ts.sys.readFile(join(root, file)) === text ? [] : [`${file}: differs from what the code says: run node --import tsx scripts/docs.ts`])),
    ...(await run(root, programs)),
  ];
  if (snippets.length === 0) problems.push('found no snippet at all');
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exitCode = 1;
    return;
  }
  console.log(`snippets: ${String(snippets.length)} compile, ${String(programs.length)} of them run`);
}

void check();
