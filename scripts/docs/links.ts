import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lineAt } from './snippet.js';

/** The names by which a page's headings can be linked to. */
function anchorsOf(text: string): ReadonlySet<string> {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return new Set(
    [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Links in a document that lead to no file or no heading; links to other sites are left alone. */
export function brokenLinksOf(root: string, file: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap((match) => {
    const [, target = '', anchor] = match;
    const path = target === '' ? join(root, file) : join(root, dirname(file), target);
    const where = `${file}:${String(lineAt(text, match.index))}`;
    if (!existsSync(path)) return [`${where}: no file ${target}`];
    if (anchor === undefined || statSync(path).isDirectory()) return [];
    return anchorsOf(readFileSync(path, 'utf8')).has(anchor) ? [] : [`${where}: no heading #${anchor} in ${target === '' ? file : target}`];
  });
}
