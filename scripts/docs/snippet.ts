/** A block of TypeScript in a document or in a doc comment. */
export interface Snippet {
  readonly file: string;
  /** Line of the block's first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** Whether it is a whole program that is to be run. */
  readonly runs: boolean;
  /** The file that the block says it shows. */
  readonly shows?: string;
}

const fence = /(?:<!-- file: (\S+) -->\s*\n)?^```ts( run)?\n([\s\S]*?)^```$/gm;
const otherFence = /^```(?:ts|typescript|js|javascript)\b.*$/gm;

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

export function snippetsOf(file: string, text: string, firstLine = 1): readonly Snippet[] {
  return [...text.matchAll(fence)].map((match) => {
    const [whole, shows, run, code = ''] = match;
    const line = firstLine - 1 + lineAt(text, match.index + whole.indexOf('```ts')) + 1;
    return { file, line, code, runs: run !== undefined, ...(shows === undefined ? {} : { shows }) };
  });
}

/** The blocks of the doc comments that have an `@example`, without the stars in front. */
export function examplesOf(file: string, text: string): readonly Snippet[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)]
    .filter(([comment]) => comment.includes('@example'))
    .flatMap((match) => snippetsOf(file, match[0].replaceAll(/^[ \t]*\* ?/gm, ''), lineAt(text, match.index)));
}

/** Blocks that look like code and would go unchecked. */
export function uncheckedFences(file: string, text: string): readonly string[] {
  return [...text.matchAll(otherFence)]
    .filter(([opening]) => opening !== '```ts' && opening !== '```ts run')
    .map((match) => `${file}:${String(lineAt(text, match.index))}: write \`\`\`ts or \`\`\`ts run, so that the block is checked`);
}
