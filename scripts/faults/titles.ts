import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A test, or a row of its table, by the titles that it stands under. */
export interface Titled {
  readonly file: string;
  readonly title: string;
}

const runners = /^(describe|it|test)$/;

/** The name before all of `.each`, `.only` and the like. */
function runnerOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee) || ts.isTaggedTemplateExpression(callee)) {
    return runnerOf(ts.isTaggedTemplateExpression(callee) ? callee.tag : callee.expression);
  }
  return '';
}

function textOf(node: ts.Expression | undefined): string {
  if (node === undefined) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  return ts.isTemplateExpression(node) ? node.getText() : '';
}

/** The texts by which the rows of `each([...])` are told apart: of each row the first, or its member `name`. */
function rowsOf(callee: ts.Expression): readonly string[] {
  if (!ts.isCallExpression(callee)) return [];
  const [table] = callee.arguments;
  if (table === undefined || !ts.isArrayLiteralExpression(table)) return [];
  return table.elements.map((row) => (ts.isArrayLiteralExpression(row) ? textOf(row.elements[0]) : textOf(row)));
}

function titlesIn(file: string, source: ts.SourceFile): readonly Titled[] {
  const found: Titled[] = [];
  const visit = (node: ts.Node, above: string): void => {
    let title = above;
    if (ts.isCallExpression(node) && runners.test(runnerOf(node.expression)) && node.arguments.length > 1) {
      title = `${above} ${textOf(node.arguments[0])}`.trim();
      if (runnerOf(node.expression) !== 'describe') {
        const rows = rowsOf(node.expression);
        found.push(...(rows.length === 0 ? [''] : rows).map((row) => ({ file, title: `${title} ${row}`.trim() })));
      }
    }
    ts.forEachChild(node, (child) => visit(child, title));
  };
  visit(source, '');
  return found;
}

/** The titles of all tests, read from their sources: to run them for their titles would take minutes. */
export function readTitles(root: string): readonly Titled[] {
  return ['test', 'marble-tests'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(folder, name))
      .sort()
      .flatMap((file) => titlesIn(file, ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true))),
  );
}

/** Whether the title speaks of the fault of that name. */
export function names(title: string, id: string): boolean {
  return new RegExp(`\\b${id}\\b`).test(title);
}
