import * as E from 'fp-ts/lib/Either.js';

/** A program and its arguments. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
}

// A word is made of parts: plain characters, an escaped one, or a quoted part.
const part = /[^\s"'\\]+|\\(?<escaped>[\s\S])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[\s\S])*)"/uy;
const gap = /\s+/uy;

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function meaning(match: RegExpExecArray): string {
  const { escaped, single, double } = match.groups ?? {};
  return escaped ?? single ?? double?.replace(/\\(["\\])/gu, '$1') ?? match[0];
}

/**
 * Splits a command line into a program and its arguments as a shell would for words, quotes and backslashes. There is
 * no shell: nothing is expanded, and nothing else is special.
 */
export function splitCommand(line: string): E.Either<string, ServerCommand> {
  const words: string[] = [];
  let word: string | undefined;
  for (let position = 0; position < line.length; ) {
    const space = matchAt(gap, line, position);
    const match = space ?? matchAt(part, line, position);
    if (match === null) return E.left(`a quote or a backslash at character ${position + 1} is left open`);
    position += match[0].length;
    if (space === null) {
      word = (word ?? '') + meaning(match);
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  const [command, ...args] = word === undefined ? words : [...words, word];
  return command === undefined || command === '' ? E.left('it names no program') : E.right({ command, args });
}
