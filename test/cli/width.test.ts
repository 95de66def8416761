import { cutToColumns } from '../../src/cli/width.js';

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
