import { columnsOf, widthOf } from '../width.js';

/** Cuts a text into lines of at most so many columns: after a space or a mark where it can, in a word where it must. Nothing is lost but spaces. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const end = (): void => {
    lines.push(line.trimEnd());
    [line, used] = ['', 0];
  };
  for (const word of text.split(/(?<=[ \-_./])/u)) {
    const width = widthOf(word.trimEnd());
    if (used > 0 && used + width > columns) end();
    for (const character of word) {
      const wide = columnsOf(character);
      if (used > 0 && used + wide > columns) {
        end();
        if (character === ' ') continue;
      }
      line += character;
      used += wide;
    }
  }
  if (line.trimEnd() !== '' || lines.length === 0) end();
  return lines;
}
