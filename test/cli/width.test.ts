import { cutToColumns, liveText } from '../../src/cli/width.js';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab\u2026'],
  ['漢字漢字', 8, '漢字漢字'],
  ['漢字漢字', 7, '漢字漢\u2026'],
  ['漢字漢字', 6, '漢字\u2026'],
  ['e\u0301e\u0301', 2, 'e\u0301e\u0301'],
  ['\u{1f600}\u{1f600}', 3, '\u{1f600}\u2026'],
  ['abc', 1, '\u2026'],
  ['abc', 0, ''],
  ['abc', -2, ''],
])('%s in %d columns', (text, columns, shown) => {
  expect(cutToColumns(text, columns)).toBe(shown);
});

const call = (name: string, progress = ''): { readonly name: string; readonly progress: string } => ({ name, progress });

test.each([
  ['all of it where it fits', [call('one', '1/4'), call('two')], 20, 'one 1/4 \u00b7 two'],
  ['of a long name less, of its progress all', [call('trigger-long-running-operation', '3/10')], 27, 'trigger-long-running-\u2026 3/10'],
  ['of two calls both', [call('trigger-long-running-operation', '3/10'), call('sleep', 'working')], 27, 'trigge\u2026 3/10 \u00b7 sle\u2026 working'],
  ['of a long progress the beginning, and some of the name', [call('fetch_everything', `7/9 ${'x'.repeat(40)}`)], 24, 'fetch_e\u2026 7/9 xxxxxxxxxx\u2026'],
  ['nothing where there is no room', [call('one', '1/4')], 0, ''],
])('the live line shows %s', (_title, calls, columns, shown) => {
  expect(liveText(calls, columns)).toBe(shown);
});
