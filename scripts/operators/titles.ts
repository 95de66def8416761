import ts from 'typescript';

/** `it` itself, or what `it.each(…)` gives. */
function isTest(called: ts.Expression): boolean {
  return called.getText() === 'it' || (ts.isCallExpression(called) && called.expression.getText() === 'it.each');
}

/** The titles of all tests of a file, in their order. */
export function titlesOf(text: string): readonly string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('tests.ts', text, ts.ScriptTarget.ES2023, true));
  return titles;
}
