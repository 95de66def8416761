import { numberWordsIn } from './number-words.js';

// Digits with or without thousands separators, a fraction, an exponent. Never the inside of a name (`MP3`, `v1.2`), an
// ordinal (`3rd`) or a hexadecimal literal.
const groupedNumber = /(?<![\p{L}\p{N}_]|\d\.)(?:\d{1,3}(?:[,_\u00A0\u202F]\d{3})+(?!\d)|\d+|(?=\.\d))(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\d|st\b|nd\b|rd\b|th\b|[xX][\da-fA-F])/gu;
const plainNumber = /(?<![\p{L}\p{N}_]|\d\.)(?:\d+|(?=\.\d))(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\d|st\b|nd\b|rd\b|th\b|[xX][\da-fA-F])/gu;

const attachedMinus = /[-\u2212]$/u;
const detachedMinus = /[\d)][^\S\n]*[-\u2212][-+\u2212\s]*$/u;
const minusWord = /\b(?:minus|negative)\s+$/iu;
const namePrefix = /\p{L}[-\u2212]$/u;

/** The sign that the text before a number gives it, or null where the number is part of a name (`step-2`). */
function signBefore(before: string): 1 | -1 | null {
  if (namePrefix.test(before)) return null;
  const attached = attachedMinus.test(before);
  const rest = attached ? before.slice(0, -1) : before;
  // A minus between two numbers subtracts, and to subtract is to add the negative; one after a word is only a dash.
  const binary = attached ? detachedMinus.test(rest) : detachedMinus.test(before);
  const spoken = minusWord.test(rest);
  const negative = [attached, binary, spoken].filter(Boolean).length % 2 === 1;
  return negative ? -1 : 1;
}

function matches(text: string, pattern: RegExp): readonly number[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const sign = signBefore(text.slice(0, match.index));
    const value = Number(match[0].replace(/[,_\u00A0\u202F]/gu, ''));
    return sign === null || !Number.isFinite(value) ? [] : [sign * value];
  });
}

/**
 * The numbers of a prompt, in order: negative, decimal, with an exponent or thousands separators, or in English words.
 * `1,000` is one number unless nothing else would be left to work with.
 */
export function numbersIn(text: string): readonly number[] {
  const grouped = matches(text, groupedNumber);
  if (grouped.length > 1) return grouped;
  const plain = matches(text, plainNumber);
  if (plain.length > 1) return plain;
  const words = numberWordsIn(text);
  return words.length > grouped.length ? words : grouped;
}

const resultNumber = /-?(?:\d[\d,]*)(?:\.\d+)?(?:[eE][-+]?\d+)?/gu;

/** The last number of a tool's answer, as the tool wrote it, or null. */
export function lastNumberIn(text: string): string | null {
  const last = [...text.matchAll(resultNumber)].at(-1)?.[0];
  return last === undefined ? null : last.replace(/,$/u, '');
}

/** The value of a number as a tool wrote it. */
export function valueOf(written: string): number {
  return Number(written.replaceAll(',', ''));
}
