// What each entry point makes public, with its types, held in docs/api: a change of the surface is a change of a file
// that a reviewer sees. `npm run surface` compares, `npm run surface -- --update` writes.
// The declarations are made from the sources, in memory, so no build is needed and none can be stale.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly types: string } }>>;
}

const root = join(__dirname, '..');
const folder = join(root, 'docs/api');
const printer = ts.createPrinter({ removeComments: true });

/** The library as its users' compilers see it. */
function declaredProgram(): ts.Program {
  const read = ts.readConfigFile(join(root, 'tsconfig.esm.json'), (file) => ts.sys.readFile(file));
  const { fileNames, options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const declarations = new Map<string, string>();
  const { emitSkipped } = ts
    .createProgram(fileNames, { ...options, emitDeclarationOnly: true })
    .emit(undefined, (file, text) => declarations.set(file, text));
  if (emitSkipped) throw new Error('the sources do not compile: see npm run typecheck');
  const host = ts.createCompilerHost(options);
  const [readFile, fileExists] = [host.readFile.bind(host), host.fileExists.bind(host)];
  host.fileExists = (file) => declarations.has(file) || fileExists(file);
  // The folders of what was declared are in memory too: a compiler that looks for them would find none.
  delete host.directoryExists;
  host.readFile = (file) => declarations.get(file) ?? readFile(file);
  return ts.createProgram([...declarations.keys()], { ...options, noEmit: true }, host);
}

/** The entry points by the name of their report: `coldstream/operators` is reported in `operators.txt`. */
function entryPoints(): ReadonlyMap<string, { readonly title: string; readonly file: string }> {
  const { name, exports }: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return new Map(
    Object.entries(exports).flatMap(([entry, target]) => {
      if (typeof target === 'string') return [];
      const title = name + entry.slice(1);
      return [[`${entry === '.' ? name : entry.slice(2)}.txt`, { title, file: join(root, target.import.types) }]];
    }),
  );
}

const isOurs = (declaration: ts.Declaration): boolean => !declaration.getSourceFile().fileName.includes('/node_modules/');

function resolved(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** A declaration is printed with the statement that it stands in: `declare const …` for a variable. */
function statementOf(declaration: ts.Declaration): ts.Node {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

function textOf(symbol: ts.Symbol): string {
  const texts = (symbol.declarations ?? []).map((declaration) => {
    const statement = statementOf(declaration);
    const text = printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());
    return text.replace(/^export (default )?/, '').replace(/^declare /, '');
  });
  return [...new Set(texts)].join('\n');
}

/** Our own declarations that a declaration speaks of. */
function mentionedBy(symbol: ts.Symbol, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const found = new Set<ts.Symbol>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const at = checker.getSymbolAtLocation(node);
      const target = at === undefined ? undefined : resolved(at, checker);
      const declaration = target?.declarations?.[0];
      // A member, a parameter and a type parameter stand inside a statement; what is meant here is a statement itself.
      if (target !== undefined && declaration !== undefined && isOurs(declaration) && statementOf(declaration).parent.kind === ts.SyntaxKind.SourceFile) {
        found.add(target);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) if (isOurs(declaration)) visit(statementOf(declaration));
  found.delete(symbol);
  return [...found];
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** One entry point's report; types that an earlier report has told are in `told`, and are told once. */
function report(title: string, file: string, program: ts.Program, told: Set<ts.Symbol>): string {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const entry = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (entry === undefined) throw new Error(`${title}: ${relative(root, file)} is not made by the build`);
  const exported = checker.getExportsOfModule(entry).map((symbol) => ({ name: symbol.name, symbol: resolved(symbol, checker) }));
  const reached = new Set(exported.map(({ symbol }) => symbol));
  // A set grows while it is walked: what a mentioned declaration mentions is mentioned too.
  for (const symbol of reached) for (const mentioned of mentionedBy(symbol, checker)) reached.add(mentioned);
  for (const symbol of [...exported.map((one) => one.symbol), ...told]) reached.delete(symbol);
  for (const symbol of [...exported.map((one) => one.symbol), ...reached]) told.add(symbol);
  const named = exported.map(({ name, symbol }) => (name === symbol.name ? textOf(symbol) : `// exported as ${name}\n${textOf(symbol)}`));
  const hidden = [...reached].map(textOf);
  return [
    `What ${title} exports. Written by npm run surface -- --update.`,
    ...named.sort(byText),
    ...(hidden.length === 0 ? [] : ['== Not exported here, but the types above speak of it ==', ...hidden.sort(byText)]),
    '',
  ].join('\n\n').replace(/\n+$/, '\n');
}

/** The first line that differs, on both sides. */
function difference(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = now.findIndex((line, index) => line !== old[index]);
  const line = at === -1 ? now.length : at;
  return `line ${String(line + 1)}\n    - ${old[line] ?? '(nothing)'}\n    + ${now[line] ?? '(nothing)'}`;
}

const program = declaredProgram();
const told = new Set<ts.Symbol>();
const reports = new Map([...entryPoints()].map(([name, { title, file }]) => [name, report(title, file, program, told)]));
const update = process.argv.includes('--update');
mkdirSync(folder, { recursive: true });
const stale = readdirSync(folder).filter((name) => name.endsWith('.txt') && !reports.has(name));
if (update) {
  for (const name of stale) rmSync(join(folder, name));
  for (const [name, text] of reports) writeFileSync(join(folder, name), text);
  console.log(`surface: wrote ${String(reports.size)} reports to docs/api`);
} else {
  const problems = stale.map((name) => `docs/api/${name}: no such entry point`);
  for (const [name, text] of reports) {
    const file = join(folder, name);
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (before !== text) problems.push(`docs/api/${name}: ${difference(before, text)}`);
  }
  if (problems.length > 0) {
    console.error(`The public surface changed:\n${problems.join('\n')}\nIf that is meant: npm run surface -- --update, and a line in CHANGELOG.md.`);
    process.exit(1);
  }
  console.log(`surface: ${String(reports.size)} entry points are as docs/api has them`);
}
