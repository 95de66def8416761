import { describeValue } from './describe.js';
import { drawGrid, type GapStyle, type GridLine } from './grid.js';
import type { Marble, SubscriptionFrames } from './notation.js';

/** Whether two notifications are the same; the frame does not count. */
export type SameMarble = (left: Marble, right: Marble) => boolean;

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** A legend that is longer tells only of the frame where the two part. */
const longestLegend = 12;

/** Longer stretches of nothing are written as a time and not as dashes. */
const longestGap = 20;

interface Legend {
  readonly letterOf: (marble: Marble) => string;
  readonly lines: readonly string[];
}

/** A letter for each different value: the author's own where the diagram had one. */
function legendOf(expected: readonly Marble[], actual: readonly Marble[], frame: number, same: SameMarble): Legend {
  const known: { readonly marble: Marble; readonly letter: string }[] = [];
  const taken = new Set(expected.map((marble) => marble.character));
  const free = letters.filter((letter) => !taken.has(letter));
  const usable = (character: string | undefined): string | undefined =>
    known.some(({ letter }) => letter === character) ? undefined : character;
  for (const marble of [...expected, ...actual]) {
    if (marble.notification.kind !== 'N' || known.some((other) => same(marble, other.marble))) continue;
    known.push({ marble, letter: usable(marble.character) ?? free.shift() ?? '?' });
  }
  const letterOf = (marble: Marble): string => {
    if (marble.notification.kind === 'C') return '|';
    if (marble.notification.kind === 'E') return '#';
    return known.find((other) => same(marble, other.marble))?.letter ?? '?';
  };
  const isItself = (marble: Marble, letter: string): boolean => marble.notification.kind === 'N' && marble.notification.value === letter;
  const told = known.filter(({ marble, letter }) => !isItself(marble, letter));
  const isHere = (letter: string): boolean => [...expected, ...actual].some((marble) => marble.frame === frame && letterOf(marble) === letter);
  const lines = (told.length > longestLegend ? told.filter(({ letter }) => isHere(letter)) : told)
    .map(({ marble, letter }) => `  ${letter} = ${marble.notification.kind === 'N' ? describeValue(marble.notification.value) : ''}`);
  return { letterOf, lines };
}

function lineOf(label: string, marbles: readonly Marble[], letterOf: (marble: Marble) => string): GridLine {
  const cells = new Map<number, string>();
  for (const marble of marbles) cells.set(marble.frame, (cells.get(marble.frame) ?? '') + letterOf(marble));
  for (const [frame, cell] of cells) if (cell.length > 1) cells.set(frame, `(${cell})`);
  return { label, cells, end: marbles.find(({ notification }) => notification.kind !== 'N')?.frame ?? Infinity };
}

/** Times between marbles, as a diagram of rxjs has them. */
const betweenMarbles: GapStyle = { longest: longestGap, write: (from, to) => ` ${to - from}ms `, sparse: false };

const inWords = (marble: Marble): string => {
  if (marble.notification.kind === 'C') return 'completion';
  if (marble.notification.kind === 'E') return `the error ${describeValue(marble.notification.error)}`;
  return describeValue(marble.notification.value);
};

/** Where and how two runs of marbles part. */
export interface Parting {
  readonly frame: number;
  readonly words: string;
}

/** A frame in words, long ones in seconds too. */
const atFrame = (frame: number): string => (frame < 1_000 ? `frame ${frame}` : `frame ${frame} (${frame / 1_000} s)`);

/** The first difference in words. `detail` says how two notifications differ, `words` what one is. */
export function partingOf(
  expected: readonly Marble[],
  actual: readonly Marble[],
  detail: (actual: Marble, expected: Marble) => string | undefined,
  words: (marble: Marble) => string = inWords,
): Parting | undefined {
  for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
    const [wanted, got] = [expected[index], actual[index]];
    if (wanted === undefined && got !== undefined) {
      return { frame: got.frame, words: `at ${atFrame(got.frame)} nothing more was expected, but there came ${words(got)}` };
    }
    if (got === undefined && wanted !== undefined) {
      return { frame: wanted.frame, words: `at ${atFrame(wanted.frame)} ${words(wanted)} was expected, but nothing more came` };
    }
    if (got === undefined || wanted === undefined) continue;
    const difference = detail(got, wanted);
    const frame = Math.min(wanted.frame, got.frame);
    if (difference === undefined && wanted.frame !== got.frame) {
      return { frame, words: `${words(wanted)} was expected at ${atFrame(wanted.frame)}, but came at ${atFrame(got.frame)}` };
    }
    if (difference !== undefined) {
      const when = wanted.frame === got.frame ? `at ${atFrame(wanted.frame)} ` : '';
      const late = wanted.frame === got.frame ? '' : ` (expected at ${atFrame(wanted.frame)}, got at ${atFrame(got.frame)})`;
      // Of values that are no more than what the sentence says, nothing is left to say.
      const more = difference.startsWith('expected ') ? '' : `\n  ${difference}`;
      return { frame, words: `${when}${words(wanted)} was expected, but there came ${words(got)}${late}${more}` };
    }
  }
  return undefined;
}

const widestText = 74;

/** The text in lines that fit beside what a test runner puts before them. */
export function wrapped(text: string): string {
  const lines = text.split('\n').flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    const rows: string[] = [];
    for (const word of line.trimStart().split(' ')) {
      const last = rows.at(-1);
      if (last !== undefined && last.length + 1 + word.length <= widestText) rows[rows.length - 1] = `${last} ${word}`;
      else rows.push(`${indent}${rows.length === 0 ? '' : '  '}${word}`);
    }
    return rows;
  });
  return lines.join('\n');
}

/** Expected and actual as aligned marbles, what each letter stands for, and the first difference in words. */
export function drawParting(expected: readonly Marble[], actual: readonly Marble[], parting: Parting, same: SameMarble): string {
  const { letterOf, lines } = legendOf(expected, actual, parting.frame, same);
  const diagram = drawGrid([lineOf('expected', expected, letterOf), lineOf('actual', actual, letterOf)], parting.frame, betweenMarbles);
  return [diagram, wrapped(`First difference: ${parting.words}`), ...(lines.length === 0 ? [] : ['where', ...lines])].join('\n');
}

/** One subscription as marbles. */
export function drawSubscription({ subscribedFrame, unsubscribedFrame }: SubscriptionFrames): string {
  if (subscribedFrame === Infinity) return '(never subscribed)';
  if (subscribedFrame === unsubscribedFrame) return `${timeTo(subscribedFrame)}(^!)`;
  const end = unsubscribedFrame === Infinity ? '' : `${timeTo(unsubscribedFrame - subscribedFrame - 1)}!`;
  return `${timeTo(subscribedFrame)}^${end}`;
}

function timeTo(frames: number): string {
  return frames > longestGap ? ` ${frames}ms ` : '-'.repeat(frames);
}
