import { join } from 'node:path';
import ts from 'typescript';
import type { Snippet } from './snippet.js';

function readProjectOptions(root: string): ts.CompilerOptions {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}

/** What the compiler says of the blocks, against the package's own entry points. */
export function compile(root: string, snippets: readonly Snippet[]): readonly string[] {
  const options = readProjectOptions(root);
  // Each block is a module of its own that stands, in memory only, at the root.
  const virtual = new Map(snippets.map((snippet, index) => [join(root, `snippet-${String(index)}.ts`), snippet]));
  const host = ts.createCompilerHost(options);
  const [readFile, fileExists] = [host.readFile.bind(host), host.fileExists.bind(host)];
  host.fileExists = (file) => virtual.has(file) || fileExists(file);
  host.readFile = (file) => {
    const snippet = virtual.get(file);
    return snippet === undefined ? readFile(file) : `${snippet.code}\nexport {};\n`;
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
