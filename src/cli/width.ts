const wide = /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;
const noWidth = /\p{M}/u;

function columnsOf(character: string): number {
  if (noWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

function startOf(text: string, columns: number): string {
  let used = 0;
  let length = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/** The text cut so that it takes at most that many columns of a terminal, with an ellipsis where something is missing. */
export function cutToColumns(text: string, columns: number): string {
  if (columns < 1) return '';
  const start = startOf(text, columns);
  return start === text ? text : `${startOf(text, columns - 1)}\u2026`;
}
