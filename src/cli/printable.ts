import { unprintable } from '../events/json-line.js';

export { jsonLine } from '../events/json-line.js';

const asCodePoint = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** Foreign text as it may be printed: what a terminal would obey or hide is shown as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, asCodePoint);
}

/** The same on one line, at most `limit` characters long. */
export function printableLine(text: string, limit: number): string {
  const characters = Array.from(text.slice(0, limit * 2).trim());
  const isCut = text.length > limit * 2 || characters.length > limit;
  const shown = isCut ? `${characters.slice(0, limit).join('')}\u2026` : characters.join('');
  return printable(shown.replace(/[\r\n\t]+/gu, ' '));
}

/** A piece of streamed text, printable, and what must wait for the next piece. */
export interface PrintableDelta {
  readonly text: string;
  /** The first half of a character whose second half is still to come. */
  readonly held: string;
}

/** Prints a stream of text piece by piece as `printable` would print it whole. */
export function printableDelta(held: string, delta: string): PrintableDelta {
  const text = held + delta;
  const isHalf = /[\uD800-\uDBFF]$/u.test(text);
  return { text: printable(isHalf ? text.slice(0, -1) : text), held: isHalf ? text.slice(-1) : '' };
}
