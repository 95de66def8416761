import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const opening = `# Operators

From \`coldstream/operators\`. Each works on the events of a run, of a provider's single turn, and of a recording; each can be subscribed twice; where a section says nothing else, it looks at the run's own events (\`path: []\`) and leaves those of sub-agents out.

This page is made from the doc comments of [operators/](../operators) by \`node --import tsx scripts/docs.ts\`; change it there.
`;

interface Section {
  readonly tag: string;
  readonly text: string;
}

/** The parts of a doc comment: the description, whose tag is empty, and each block that a tag begins. */
function sectionsOf(comment: string): readonly Section[] {
  const text = comment.replace(/^\/\*\*\s?/, '').replace(/\s*\*\/$/, '').replaceAll(/^[ \t]*\* ?/gm, '');
  return text.split(/^(?=@\w)/m).map((part) => {
    const [, tag = '', rest = ''] = /^(?:@(\w+)[ \t]*)?([\s\S]*)$/.exec(part) ?? [];
    return { tag, text: rest.trim() };
  });
}

const joined = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');

/** Links to other operators, which stand on the same page; any other name is code. */
function linked(text: string, names: ReadonlySet<string>): string {
  return text.replaceAll(/\{@link (\w+)\}/g, (_link, name: string) => (names.has(name) ? `[\`${name}\`](#${name.toLowerCase()})` : `\`${name}\``));
}

/** A fence without a language is a diagram. */
function withDiagrams(text: string): string {
  let inside = false;
  return text.replaceAll(/^```(\w*)$/gm, (fence: string, language: string) => {
    inside = !inside;
    return inside && language === '' ? '```text' : fence;
  });
}

function operatorSection(name: string, signatures: readonly string[], comment: string, names: ReadonlySet<string>): string {
  const sections = sectionsOf(comment);
  const all = (tag: string): readonly string[] => sections.filter((section) => section.tag === tag).map(({ text }) => text);
  const [description = ''] = all('');
  const parameters = all('param').map((text) => `- \`${text.split(/\s/, 1)[0] ?? ''}\`: ${joined(text.replace(/^\S+\s+(?:- )?/, ''))}`);
  const see = all('see').map((text) => `- ${joined(linked(text, names))}`);
  const parts = [
    `## ${name}`,
    `\`\`\`ts\n${signatures.join('\n')}\n\`\`\``,
    withDiagrams(linked(description, names)),
    ...all('example').map((text) => withDiagrams(text)),
    ...(parameters.length === 0 ? [] : [`Parameters:\n\n${parameters.join('\n')}`]),
    ...all('returns').map((text) => `Returns ${joined(text)}`),
    ...all('throws').map((text) => `Throws ${joined(text)}`),
    ...(see.length === 0 ? [] : [`See also:\n\n${see.join('\n')}`]),
  ];
  return parts.map((part) => part.trim()).join('\n\n');
}

interface Declared {
  readonly name: string;
  readonly file: string;
  readonly isType: boolean;
}

function exportsOf(index: ts.SourceFile): readonly Declared[] {
  return index.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
    const { exportClause, moduleSpecifier } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    const file = join(dirname(index.fileName), moduleSpecifier.text.replace(/\.js$/, '.ts'));
    return exportClause.elements.map((element) => ({ name: element.name.text, file, isType: statement.isTypeOnly || element.isTypeOnly }));
  });
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
}

function commentOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  const comments = ts.getLeadingCommentRanges(source.text, node.pos) ?? [];
  return comments
    .map(({ pos, end }) => source.text.slice(pos, end))
    .filter((text) => text.startsWith('/**'))
    .at(-1);
}

function functionSection({ name, file }: Declared, names: ReadonlySet<string>): string {
  const source = parse(file);
  const declarations = source.statements.filter(ts.isFunctionDeclaration).filter((each) => each.name?.text === name);
  const comment = declarations.map((each) => commentOf(each, source)).find((each) => each !== undefined);
  if (comment === undefined) throw new Error(`${file}: ${name} has no doc comment`);
  // Of overloads, the one with the body is not seen from outside.
  const seen = declarations.length > 1 ? declarations.filter((each) => each.body === undefined) : declarations;
  const signatures = seen.map((each) => source.text.slice(each.getStart(source), each.body?.pos ?? each.end).replace(/^export /, '').trim());
  return operatorSection(name, signatures, comment, names);
}

function typeSection({ name, file }: Declared): string {
  const source = parse(file);
  const isNamed = (node: ts.Statement): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
    (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name.text === name;
  const declaration = source.statements.find(isNamed);
  if (declaration === undefined) throw new Error(`${file}: ${name} is not declared there`);
  const [description] = sectionsOf(commentOf(declaration, source) ?? '/** */');
  return `## ${name}\n\n${joined(description?.text ?? '')}\n\n\`\`\`ts\n${declaration.getText(source).replace(/^export /, '')}\n\`\`\``;
}

/** The page of all operators and of the types that they emit. */
export function operatorsPage(root: string): string {
  const exported = exportsOf(parse(join(root, 'operators/index.ts')));
  const functions = exported.filter(({ isType }) => !isType);
  const types = exported.filter(({ isType }) => isType);
  const names = new Set(exported.map(({ name }) => name));
  const contents = [...functions, ...types].map(({ name }) => `- [\`${name}\`](#${name.toLowerCase()})`).join('\n');
  return [opening.trim(), contents, ...functions.map((each) => functionSection(each, names)), ...types.map(typeSection)].join('\n\n').concat('\n');
}
