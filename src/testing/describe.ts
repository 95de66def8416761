import type { StreamEvent } from '../events/events.js';
import { wordsOfEvent } from './event-words.js';

/** So that a line of a failure, with what a test runner puts before it, stays within 80 columns. */
const longest = 66;

/** What a terminal would act on or hide, and JSON lets pass: DEL, C1, bidirectional controls, what has no shape. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const asCodePoint = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** The text on one line, with nothing in it that a terminal would obey. */
const printable = (text: string): string => text.replace(unprintable, asCodePoint);

function shortened(text: string, limit: number): string {
  const characters = Array.from(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}

/** JSON for what JSON can say; words for the rest. Never throws. */
function jsonLike(value: unknown): string {
  const above: object[] = [];
  const replace = function (this: unknown, _key: string, member: unknown): unknown {
    if (typeof member === 'bigint') return `${member}n`;
    if (typeof member === 'function' || typeof member === 'symbol') return String(member);
    if (typeof member !== 'object' || member === null) return member;
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(member)) return '[circular]';
    above.push(member);
    return member instanceof Error ? describeError(member) : member;
  };
  try {
    return JSON.stringify(value, replace);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function describeError(error: Error): string {
  const maker = error.constructor.name;
  const name = maker === '' ? error.name : maker;
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${name} ${JSON.stringify(error.message)}${code}`;
}

function looksLikeStreamEvent(value: unknown): value is StreamEvent {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'runId' in value;
}

function inFull(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol' || typeof value === 'number') return String(value);
  if (!looksLikeStreamEvent(value)) return jsonLike(value);
  try {
    return wordsOfEvent(value);
  } catch {
    // A type of event that is another's, or broken on purpose.
    return `${value.type} ${jsonLike(value)}`;
  }
}

/** One value in words, for a failure's text: short, on one line, safe to print. */
export function describeValue(value: unknown, limit = longest): string {
  return shortened(printable(inFull(value)), limit);
}

/** Two values that differ, in words. Of long texts each shows the part where they part. */
export function describeBoth(left: unknown, right: unknown): readonly [left: string, right: string] {
  const [leftText, rightText] = [printable(inFull(left)), printable(inFull(right))];
  if (typeof left !== 'string' || typeof right !== 'string') return [shortened(leftText, longest), shortened(rightText, longest)];
  let same = 0;
  while (same < leftText.length && leftText[same] === rightText[same]) same += 1;
  const from = Math.max(0, same - longest / 2);
  const part = (text: string): string => (from === 0 ? '' : '…') + shortened(text.slice(from), longest);
  return [part(leftText), part(rightText)];
}
