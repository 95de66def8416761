import { describeValue } from './describe.js';
import type { Marble, SubscriptionFrames } from './notation.js';

/** Whether two notifications are the same; the frame does not count. */
export type SameMarble = (left: Marble, right: Marble) => boolean;

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** Longer stretches of nothing are written as a time and not as dashes. */
const longestGap = 20;

interface Legend {
  readonly letterOf: (marble: Marble) => string;
  readonly lines: readonly string[];
}

/** A letter for each different value: the author's own where the diagram had one. */
function legendOf(expected: readonly Marble[], actual: readonly Marble[], same: SameMarble): Legend {
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
  const lines = known
    .filter(({ marble, letter }) => !isItself(marble, letter))
    .map(({ marble, letter }) => `  ${letter} = ${marble.notification.kind === 'N' ? describeValue(marble.notification.value) : ''}`);
  return { letterOf, lines };
}

/** One line of a drawing: what stands in which frame, and where it ends. */
interface Line {
  readonly cells: ReadonlyMap<number, string>;
  readonly end: number;
}

function lineOf(marbles: readonly Marble[], letterOf: (marble: Marble) => string): Line {
  const cells = new Map<number, string>();
  for (const marble of marbles) cells.set(marble.frame, (cells.get(marble.frame) ?? '') + letterOf(marble));
  for (const [frame, cell] of cells) if (cell.length > 1) cells.set(frame, `(${cell})`);
  return { cells, end: marbles.find(({ notification }) => notification.kind !== 'N')?.frame ?? Infinity };
}

/** Draws lines on one grid, so that what is in one frame stands in one column; a caret marks a frame. */
function onOneGrid(lines: readonly Line[], marked: number): readonly string[] {
  const frames = [...new Set(lines.flatMap(({ cells }) => [...cells.keys()]))].sort((left, right) => left - right);
  const drawn = lines.map((line) => ({ ...line, text: '' }));
  let caret = '';
  let next = Math.min(0, frames[0] ?? 0);
  for (const frame of frames) {
    const gap = frame - next;
    const time = gap > longestGap ? ` ${gap}ms ` : '-'.repeat(Math.max(0, gap));
    const width = Math.max(...lines.map(({ cells }) => cells.get(frame)?.length ?? 1));
    for (const line of drawn) {
      const over = line.end < frame;
      line.text += (over ? ' '.repeat(time.length) : time) + (line.cells.get(frame) ?? (over ? '' : '-')).padEnd(width, ' ');
    }
    if (frame <= marked) caret += ' '.repeat(time.length) + (frame === marked ? '^' : ' '.repeat(width));
    next = frame + 1;
  }
  return [...drawn.map(({ text }) => text.trimEnd()), caret];
}

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

/** The first difference in words. `detail` says how two notifications of one kind differ. */
export function partingOf(
  expected: readonly Marble[],
  actual: readonly Marble[],
  detail: (actual: Marble, expected: Marble) => string | undefined,
): Parting | undefined {
  for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
    const [wanted, got] = [expected[index], actual[index]];
    if (wanted === undefined && got !== undefined) {
      return { frame: got.frame, words: `at frame ${got.frame} nothing more was expected, but there came ${inWords(got)}` };
    }
    if (got === undefined && wanted !== undefined) {
      return { frame: wanted.frame, words: `at frame ${wanted.frame} ${inWords(wanted)} was expected, but nothing more came` };
    }
    if (got === undefined || wanted === undefined) continue;
    const difference = detail(got, wanted);
    const frame = Math.min(wanted.frame, got.frame);
    if (difference === undefined && wanted.frame !== got.frame) {
      return { frame, words: `${inWords(wanted)} was expected at frame ${wanted.frame}, but came at frame ${got.frame}` };
    }
    if (difference !== undefined) {
      const when = wanted.frame === got.frame ? `at frame ${wanted.frame} ` : '';
      const late = wanted.frame === got.frame ? '' : ` (expected at frame ${wanted.frame}, got at frame ${got.frame})`;
      return { frame, words: `${when}${inWords(wanted)} was expected, but there came ${inWords(got)}${late}\n  ${difference}` };
    }
  }
  return undefined;
}

/** Expected and actual as aligned marbles, what each letter stands for, and the first difference in words. */
export function drawParting(expected: readonly Marble[], actual: readonly Marble[], parting: Parting, same: SameMarble): string {
  const { letterOf, lines } = legendOf(expected, actual, same);
  const [first = '', second = '', caret = ''] = onOneGrid([lineOf(expected, letterOf), lineOf(actual, letterOf)], parting.frame);
  const diagram = [`  expected  ${first}`, `  actual    ${second}`, `            ${caret}`.trimEnd()];
  return [...diagram, `First difference: ${parting.words}`, ...(lines.length === 0 ? [] : ['where', ...lines])].join('\n');
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
