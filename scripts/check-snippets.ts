// Type-checks every ```ts block of README.md and docs/, and of the @example blocks in the sources, against the
// package's own entry points. A block that follows <!-- file: PATH --> must also be that file, word for word, and a
// link to a file of the repository must lead to one.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

interface Snippet {
  readonly file: string;
  /** Line of the block's first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** The file that the block says it shows. */
  readonly shows?: string;
}

const root = join(__dirname, '..');
const fence = /(?:<!-- file: (\S+) -->\s*\n)?^```ts\n([\s\S]*?)^```$/gm;

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function snippetsOf(file: string, text: string, firstLine = 1): readonly Snippet[] {
  return [...text.matchAll(fence)].map((match) => {
    const [whole, shows, code = ''] = match;
    const line = firstLine - 1 + lineAt(text, match.index + whole.indexOf('```ts')) + 1;
    return { file, line, code, ...(shows === undefined ? {} : { shows }) };
  });
}

/** The blocks of the doc comments that have an `@example`, without the stars in front. */
function examplesOf(file: string, text: string): readonly Snippet[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)]
    .filter(([comment]) => comment.includes('@example'))
    .flatMap((match) => snippetsOf(file, match[0].replaceAll(/^[ \t]*\* ?/gm, ''), lineAt(text, match.index)));
}

function filesBelow(folder: string, extension: string): readonly string[] {
  return ts.sys.readDirectory(join(root, folder), [extension]).map((file) => relative(root, file));
}

function readProjectOptions(): ts.CompilerOptions {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}

function compile(snippets: readonly Snippet[]): readonly string[] {
  const options = readProjectOptions();
  // Each block is a module of its own that stands, in memory only, at the root.
  const virtual = new Map(snippets.map((snippet, index) => [join(root, `snippet-${String(index)}.ts`), snippet]));
  const host = ts.createCompilerHost(options);
  const [readFile, fileExists] = [host.readFile.bind(host), host.fileExists.bind(host)];
  const textOf = (snippet: Snippet): string => `${snippet.code}\nexport {};\n`;
  host.fileExists = (file) => virtual.has(file) || fileExists(file);
  host.readFile = (file) => {
    const snippet = virtual.get(file);
    return snippet === undefined ? readFile(file) : textOf(snippet);
  };
  const program = ts.createProgram([...virtual.keys()], options, host);
  return [...virtual].flatMap(([name, snippet]) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
      const offset = source?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ');
      return `${snippet.file}:${String(snippet.line + offset)}: ${message}`;
    });
  });
}

function compareWithFile(snippet: Snippet): readonly string[] {
  if (snippet.shows === undefined) return [];
  const shown = ts.sys.readFile(join(root, snippet.shows));
  return shown === snippet.code ? [] : [`${snippet.file}:${String(snippet.line)}: differs from ${snippet.shows}`];
}

/** Links in a document that lead to no file; links to other sites are left alone. */
function brokenLinksOf(file: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].flatMap((match) => {
    const [, target = ''] = match;
    return existsSync(join(root, dirname(file), target)) ? [] : [`${file}:${String(lineAt(text, match.index))}: no file ${target}`];
  });
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'CHANGELOG.md', ...filesBelow('docs', '.md')];
const sources = [...filesBelow('src', '.ts'), ...filesBelow('operators', '.ts')];
const snippets = [
  ...documents.flatMap((file) => snippetsOf(file, read(file))),
  ...sources.flatMap((file) => examplesOf(file, read(file))),
];
const problems = [...compile(snippets), ...snippets.flatMap(compareWithFile), ...documents.flatMap((file) => brokenLinksOf(file, read(file)))];

if (snippets.length === 0) problems.push('found no snippet at all');
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`snippets: ${String(snippets.length)} compile`);
