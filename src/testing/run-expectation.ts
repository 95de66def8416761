import type { StreamEvent } from '../events/events.js';
import { firstDifference, type CompareOptions } from './compare.js';
import { describeValue } from './describe.js';
import { partingOf, wrapped, type Parting } from './draw.js';
import { drawGrid, type GapStyle, type GridLine } from './grid.js';
import { laneFinder, letterOf } from './lanes.js';
import type { Marble } from './notation.js';
import { AnyOfKind, parseLane, timeMark } from './run-notation.js';

/** What a run is expected to do: on one line, or a line for each lane. */
export type RunLanes = string | Readonly<Record<string, string>>;

/** The one lane of a run that is told on one line. */
const wholeRun = 'run';

const betweenEvents: GapStyle = { longest: 12, write: (_from, to) => ` ${timeMark(to)} `, sparse: true };

function isStreamEvent(value: unknown): value is StreamEvent {
  return typeof value === 'object' && value !== null && 'type' in value && 'runId' in value && 'path' in value;
}

function words({ notification, character }: Marble): string {
  if (notification.kind === 'C') return 'completion';
  if (notification.kind === 'E') return `the error ${describeValue(notification.error)}`;
  return notification.value instanceof AnyOfKind ? `${character ?? ''} (${notification.value.meaning})` : describeValue(notification.value);
}

function detailBy(options: CompareOptions): (actual: Marble, expected: Marble) => string | undefined {
  return ({ notification: actual }, { notification: expected }) => {
    if (actual.kind === 'E' && expected.kind === 'E') return firstDifference(actual.error, expected.error, options);
    if (actual.kind !== 'N' || expected.kind !== 'N') return actual.kind === expected.kind ? undefined : 'expected another kind';
    if (!(expected.value instanceof AnyOfKind)) return firstDifference(actual.value, expected.value, options);
    const isSuch = isStreamEvent(actual.value) && letterOf(actual.value) === expected.value.letter;
    return isSuch ? undefined : `expected ${expected.value.meaning}`;
  };
}

/** The letter that a drawing has for a marble: the test's own where it stands in its table. */
function letterBy(values: Readonly<Record<string, StreamEvent>>, options: CompareOptions): (marble: Marble) => string {
  return ({ notification, character }) => {
    if (character !== undefined) return character;
    if (notification.kind !== 'N') return notification.kind === 'C' ? '|' : '#';
    const inTable = Object.entries(values).find(([, value]) => firstDifference(notification.value, value, options) === undefined);
    return inTable?.[0] ?? (isStreamEvent(notification.value) ? letterOf(notification.value) : '?');
  };
}

/** What came, by lane. What is no event has none of its own. */
function byLane(actual: readonly Marble[], named: readonly string[], endsIn: string): ReadonlyMap<string, readonly Marble[]> {
  const finder = laneFinder(named);
  const lanes = new Map<string, Marble[]>(named.map((name) => [name, []]));
  for (const marble of actual) {
    const { notification } = marble;
    const name = notification.kind === 'N' && isStreamEvent(notification.value) ? finder.find(notification.value) : endsIn;
    const lane = lanes.get(name) ?? [];
    lane.push(marble);
    lanes.set(name, lane);
  }
  return lanes;
}

interface Lane {
  readonly name: string;
  readonly expected: readonly Marble[];
  readonly actual: readonly Marble[];
  readonly parting: Parting | undefined;
}

function lineOf(label: string, marbles: readonly Marble[], letter: (marble: Marble) => string): GridLine {
  const cells = new Map<number, string>();
  for (const marble of marbles) cells.set(marble.frame, (cells.get(marble.frame) ?? '') + letter(marble));
  for (const [frame, cell] of cells) if (cell.length > 1) cells.set(frame, `(${cell})`);
  return { label, cells, end: Math.max(-1, ...marbles.map(({ frame }) => frame)) };
}

/** What the letters of one lane stand for in the frame where it goes wrong. */
function legend({ expected, actual }: Lane, frame: number, letter: (marble: Marble) => string): readonly string[] {
  const here = [...expected, ...actual].filter((marble) => marble.frame === frame && marble.notification.kind === 'N');
  const told = new Map<string, string>();
  for (const marble of here) {
    const kind = marble.notification.kind === 'N' && marble.notification.value instanceof AnyOfKind ? marble.notification.value.meaning : undefined;
    // What came says more than what was expected.
    if (kind === undefined || !told.has(letter(marble))) told.set(letter(marble), kind ?? words(marble));
  }
  return [...told].map(([character, meaning]) => `  ${character} = ${meaning}`);
}

function draw(lanes: readonly Lane[], worst: Lane, { frame, words: said }: Parting, letter: (marble: Marble) => string, isOne: boolean): string {
  const wide = Math.max(...lanes.map(({ name }) => name.length)) + 2;
  const lines = lanes.flatMap(({ name, expected, actual, parting }): readonly GridLine[] => {
    const label = isOne ? '' : name.padEnd(wide);
    if (parting === undefined) return [lineOf(label, actual, letter)];
    return [lineOf(`${label}expected`, expected, letter), lineOf(`${isOne ? '' : ' '.repeat(wide)}actual`, actual, letter)];
  });
  const where = isOne ? '' : `in lane ${worst.name} `;
  const diagram = drawGrid(lines, frame, betweenEvents);
  const explained = legend(worst, frame, letter);
  return [diagram, wrapped(`First difference: ${where}${said}`), ...(explained.length === 0 ? [] : ['where', ...explained])].join('\n');
}

/** Judges a run against its lanes: lane by lane, and in each frame by frame and event by event. */
export function runJudge(
  lanes: RunLanes,
  values: Readonly<Record<string, StreamEvent>>,
  error: unknown,
  options: CompareOptions,
): (actual: readonly Marble[]) => string | undefined {
  const isOne = typeof lanes === 'string';
  const expected = new Map(Object.entries(isOne ? { [wholeRun]: lanes } : lanes).map(([name, lane]) => [name, parseLane(lane, values, error)]));
  const named = [...expected.keys()];
  const ending = named.find((name) => expected.get(name)?.some(({ notification }) => notification.kind !== 'N'));
  const detail = detailBy(options);
  const letter = letterBy(values, options);
  return (actual) => {
    const came = isOne ? new Map([[wholeRun, actual]]) : byLane(actual, named, ending ?? wholeRun);
    const judged = [...came].map(([name, marbles]): Lane => {
      const wanted = expected.get(name) ?? [];
      return { name, expected: wanted, actual: marbles, parting: partingOf(wanted, marbles, detail, words) };
    });
    const worst = judged.reduce<Lane | undefined>(
      (sofar, lane) => (lane.parting !== undefined && lane.parting.frame < (sofar?.parting?.frame ?? Infinity) ? lane : sofar),
      undefined,
    );
    if (worst?.parting === undefined) return undefined;
    const unnamed = expected.has(worst.name) ? '' : `\nThe test says nothing of the lane ${worst.name}.`;
    return draw(judged, worst, worst.parting, letter, isOne) + unnamed;
  };
}
