import fc from 'fast-check';
import { jsonLine, printable, printableDelta, printableLine } from '../../src/cli/printable.js';

const between = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Written out by range, so that the check does not rest on the properties that the code uses. */
const dangerous: readonly number[] = [
  ...between(0x00, 0x08),
  ...between(0x0b, 0x1f),
  ...between(0x7f, 0x9f),
  0x00ad,
  0x034f,
  0x061c,
  0x115f,
  0x1160,
  0x180e,
  ...between(0x200b, 0x200f),
  ...between(0x2028, 0x202e),
  ...between(0x2060, 0x206f),
  0x3164,
  0xfeff,
  ...between(0xfff9, 0xfffb),
  ...between(0xe0000, 0xe007f),
  ...between(0xe0100, 0xe01ef),
];
const isDangerous = new Set(dangerous);
const points = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);

const anyText = fc.string({ unit: fc.oneof(fc.constantFrom(...dangerous.map((point) => String.fromCodePoint(point))), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) });

describe('what may be printed (D2)', () => {
  test('each character that a terminal obeys or hides is shown by its number', () => {
    for (const point of dangerous) expect(printable(`a${String.fromCodePoint(point)}b`)).toBe(`a\\u{${point.toString(16)}}b`);
  });

  test.each([
    ['colours and titles', '\u001b[31mred\u001b]0;title\u0007', '\\u{1b}[31mred\\u{1b}]0;title\\u{7}'],
    ['the one-byte form of an escape sequence', '\u009b31m', '\\u{9b}31m'],
    ['a carriage return that would overwrite the line', 'safe\rrm -rf', 'safe\\u{d}rm -rf'],
    ['reversed text', 'a\u202egnp.exe', 'a\\u{202e}gnp.exe'],
    ['hidden Tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a character', 'a\ud83d', 'a\\u{d83d}'],
  ])('%s', (_title, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('what is harmless stays: line feeds, tabs, letters of all scripts, emoji', () => {
    const text = 'a\n\tb é ñ 漢字 العربية हिन्दी \u{1f600} \u2764\ufe0f';
    expect(printable(text)).toBe(text);
  });

  test('no text gets a dangerous character through, nor on a line, nor in JSON', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const shown of [printable(text), printableLine(text, 20), jsonLine({ text }).trimEnd()]) {
          expect(points(shown).filter((point) => isDangerous.has(point))).toEqual([]);
          expect(shown).not.toMatch(/[\ud800-\udfff]/u);
        }
      }),
    );
  });

  test('JSON parses to the value that it was made from, and is one line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = jsonLine({ text, [text]: [text] });
        expect(JSON.parse(line)).toEqual({ text, [text]: [text] });
        expect(line.indexOf('\n')).toBe(line.length - 1);
      }),
    );
  });

  test('a text in pieces is shown as it would be whole, wherever it is cut', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.nat()), (text, cuts) => {
        const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((left, right) => left - right);
        let held = '';
        let shown = '';
        for (const [index, place] of [...places, text.length].entries()) {
          const delta = printableDelta(held, text.slice(places[index - 1] ?? 0, place));
          held = delta.held;
          shown += delta.text;
        }
        expect(shown + printable(held)).toBe(printable(text));
      }),
    );
  });

  test('a line has no line breaks and is cut between characters', () => {
    expect(printableLine('a\r\nb\tc', 80)).toBe('a b c');
    expect(printableLine('\u{1f600}'.repeat(10), 3)).toBe(`${'\u{1f600}'.repeat(3)}\u2026`);
    expect(printableLine('abc', 3)).toBe('abc');
  });
});
