import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, from, mergeMap, toArray } from 'rxjs';
import type { Snippet } from './snippet.js';

/** A program of the documents that takes longer than this hangs. */
const longest = 60_000;

/** What `// Logs:` at the end of a block says it prints. */
function promisedOutput(code: string): string | undefined {
  const [, promised] = /^\/\/ Logs:\n((?:\/\/.*\n?)+)$/m.exec(code) ?? [];
  return promised?.replaceAll(/^\/\/ ?/gm, '').trimEnd();
}

/** Runs the file as a reader would who has no key; what is wrong with it. */
function runFile(root: string, file: string, { file: document, line, code }: Snippet): Promise<readonly string[]> {
  const { PATH = '', HOME = '' } = process.env;
  const where = `${document}:${String(line)}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', file], { cwd: root, env: { PATH, HOME }, timeout: longest }, (error, stdout, stderr) => {
      if (error !== null) {
        resolve([`${where}: does not run (${error.killed === true ? `not over after ${String(longest)} ms` : `exit code ${String(error.code)}`})\n${stderr}`]);
        return;
      }
      const promised = promisedOutput(code);
      const printed = stdout.trimEnd();
      resolve(promised === undefined || promised === printed ? [] : [`${where}: prints\n${printed}\nwhere it says\n${promised}`]);
    });
  });
}

/** Runs each block that is marked for it, two at a time; what is wrong. */
export async function run(root: string, snippets: readonly Snippet[]): Promise<readonly string[]> {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'snippets-'));
  try {
    const problems = from(snippets).pipe(
      mergeMap((snippet, index) => {
        const file = join(folder, `snippet-${String(index)}.mts`);
        writeFileSync(file, snippet.code);
        return runFile(root, file, snippet);
      }, 2),
      toArray(),
    );
    return (await lastValueFrom(problems)).flat();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
