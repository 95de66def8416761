import type { StreamEvent, StreamEventType } from '../../events/events.js';
import { firstDifference, type CompareOptions } from '../compare.js';
import { describeValue } from '../describe.js';
import { wrapped } from '../draw.js';
import { drawGrid, type GapStyle, type GridLine } from '../grid.js';
import { letterOf, letterOfType } from '../lanes.js';
import { eventsOf, result, type MatcherResult } from './received.js';

/** An event as a test expects it: the event, or only its type. */
export type ExpectedEvent = StreamEventType | StreamEvent;

const noGaps: GapStyle = { longest: Infinity, write: () => '', sparse: false };

const wordsOf = (expected: ExpectedEvent | undefined): string => (typeof expected === 'string' ? expected : describeValue(expected));

function line(label: string, letters: readonly string[]): GridLine {
  return { label, cells: new Map(letters.map((letter, index) => [index, letter])), end: letters.length - 1 };
}

function differs(actual: StreamEvent | undefined, expected: ExpectedEvent | undefined, options: CompareOptions): string | undefined {
  if (actual === undefined || expected === undefined) return actual === expected ? undefined : '';
  if (typeof expected === 'string') return actual.type === expected ? undefined : '';
  return firstDifference(actual, expected, options);
}

/** `toEmitEvents`: exactly these events, in this order. */
export function toEmitEvents(received: unknown, expected: readonly ExpectedEvent[], options: CompareOptions = {}): MatcherResult {
  const events = eventsOf(received);
  if (typeof events === 'string') return result(events, '');
  const count = Math.max(events.length, expected.length);
  const at = Array.from({ length: count }, (_, index) => index).find((index) => differs(events[index], expected[index], options) !== undefined);
  if (at === undefined) return result(undefined, `These events were expected not to come:\n  ${events.map(letterOf).join('')}`);
  const diagram = drawGrid(
    [
      line('expected', expected.map((each) => (typeof each === 'string' ? letterOfType(each) : letterOf(each)))),
      line('actual', events.map(letterOf)),
    ],
    at,
    noGaps,
  );
  const [wanted, got] = [expected[at], events[at]];
  const said =
    wanted === undefined
      ? `nothing more was expected, but there came ${describeValue(got)}`
      : `${wordsOf(wanted)} was expected, but ${got === undefined ? 'nothing more came' : `there came ${describeValue(got)}`}`;
  const detail = differs(got, wanted, options) ?? '';
  return result([diagram, wrapped(`First difference: event ${at}: ${said}`), ...(detail === '' ? [] : [wrapped(`  ${detail}`)])].join('\n'), '');
}
