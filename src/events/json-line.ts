/**
 * What a terminal would act on or hide: control characters (C0 with ESC, DEL, C1), lone surrogates, line and paragraph
 * separators, and all that has no shape of its own: bidirectional controls, zero-width characters, fillers, Unicode Tag
 * characters. Line feed and tab stay, and so do the two selectors that choose between the text and the emoji form.
 */
export const unprintable = /(?![\n\t\uFE0E\uFE0F])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;

const asJsonEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');

/** A value as one line of JSON in which nothing stands that a terminal would obey or hide; it parses to the same value. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(unprintable, asJsonEscape)}\n`;
}
