import type { Json } from '../events/json.js';
import type { Random } from './seed.js';

/** A text in pieces of one to four words, each with the space before it. */
function cutText(text: string, random: Random): readonly string[] {
  const words = text.match(/\s*\S+\s*$|\s*\S+|\s+$/gu) ?? [text];
  const pieces: string[] = [];
  for (let index = 0; index < words.length; ) {
    const count = 1 + Math.floor(random() * 4);
    pieces.push(words.slice(index, index + count).join(''));
    index += count;
  }
  return pieces;
}

/** The pieces that a script gave, or those that its text is cut into. */
export const textPieces = (given: string | readonly string[], random: Random): readonly string[] =>
  typeof given === 'string' ? cutText(given, random) : given;

/** JSON text in pieces of 4 to 19 characters; like the service, nothing but one empty piece for `{}`. */
export function jsonPieces(input: Json, random: Random): readonly string[] {
  const characters = Array.from(JSON.stringify(input));
  if (characters.join('') === '{}') return [''];
  const pieces = [''];
  for (let index = 0; index < characters.length; ) {
    const count = 4 + Math.floor(random() * 16);
    pieces.push(characters.slice(index, index + count).join(''));
    index += count;
  }
  return pieces;
}

/** A plausible count: four characters a token. */
export const tokens = (characters: number): number => Math.ceil(characters / 4);
