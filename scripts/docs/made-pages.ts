import { operatorsPage } from './operators-page.js';
import { providersPage } from './providers-page.js';

interface MadePage {
  readonly file: string;
  readonly text: string;
}

/** The pages that are made by the code, as they must be. */
export function madePages(root: string): readonly MadePage[] {
  return [
    { file: 'docs/operators.md', text: operatorsPage(root) },
    { file: 'docs/providers.md', text: providersPage() },
  ];
}
