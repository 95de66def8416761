import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import * as rxjs from 'rxjs';
import ts from 'typescript';
import * as coldstream from 'coldstream';
import * as operators from 'coldstream/operators';
import * as testing from 'coldstream/testing';

const folder = join(__dirname, '../../operators');
const modules: Readonly<Record<string, unknown>> = { rxjs, coldstream, 'coldstream/operators': operators, 'coldstream/testing': testing };

/** The `@example` of a file as the reader sees it. */
function exampleOf(file: string): string {
  const [, block = ''] = /@example\n \* ```ts\n([\s\S]*?) \* ```/.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
  return block.replace(/^ \* ?/gm, '');
}

/** Runs an example with nothing but the public entry points; what it logs, a line each. */
function run(example: string): readonly string[] {
  const { outputText } = ts.transpileModule(example, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(values.join(' '));
  const load = (name: string): unknown => {
    if (!(name in modules)) throw new Error(`An example may not import ${name}.`);
    return modules[name];
  };
  runInNewContext(outputText, { require: load, exports: {}, console: { log } });
  return lines;
}

describe('the example of each operator logs what it says it logs', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts');

  it.each(files)('%s', (file) => {
    const example = exampleOf(file);
    const [program = '', promised = ''] = example.split('// Logs:\n');
    const expected = promised
      .trimEnd()
      .split('\n')
      .map((line) => line.replace('// ', ''));
    expect(promised).not.toBe('');
    expect(run(program)).toEqual(expected);
  });
});
