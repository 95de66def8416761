import type { StreamEvent } from '../../events/events.js';
import { axisOf, timesOf, type Axis } from './axis.js';
import { rowsOf, type PlacedRow, type Stroke } from './lanes.js';
import type { MarkKind } from './marks.js';
import { notesOf, type Note } from './notes.js';
import { summaryOf, titleOf } from './summary.js';
import { traceOf } from './trace.js';

/** Something on a lane. */
export interface Mark {
  readonly kind: MarkKind;
  readonly label: string;
  /** From 0, the left edge, to 1, the right one; `to` is the same as `from` for what is a moment. */
  readonly from: number;
  readonly to: number;
  /** When it began, in milliseconds since the first event. */
  readonly startMs: number;
  readonly endMs: number;
  /** How many events it stands for. */
  readonly events: number;
}

/** A line of the picture. */
export interface Lane {
  readonly label: string;
  /** How many sub-agents deep. */
  readonly depth: number;
  /** In the order of their beginnings. */
  readonly marks: readonly Mark[];
}

/** A run as it is drawn, by whatever draws it. All text in it is printable. */
export interface Picture {
  readonly title: string;
  readonly summary: string;
  readonly lanes: readonly Lane[];
  readonly axis: Axis;
  readonly notes: readonly Note[];
}

/** Marks of one kind that are nearer to each other than this, in widths of the picture, become one. */
const together = 1 / 200;

/** What comes in such numbers that it is drawn as a whole where it is dense. */
const dense: ReadonlySet<MarkKind> = new Set<MarkKind>(['text', 'thinking', 'progress', 'custom']);

function joins(before: Mark | undefined, mark: Mark): before is Mark {
  return before !== undefined && before.kind === mark.kind && dense.has(mark.kind) && before.label === mark.label && mark.from - before.to <= together;
}

function marksOf(strokes: readonly Stroke[], positions: readonly number[], times: readonly number[]): readonly Mark[] {
  const marks: Mark[] = [];
  for (const { kind, label, first, last, events } of strokes) {
    const mark = { kind, label, events, from: positions[first] ?? 0, to: positions[last] ?? 0, startMs: times[first] ?? 0, endMs: times[last] ?? 0 };
    const before = marks.at(-1);
    if (joins(before, mark)) marks[marks.length - 1] = { ...before, to: mark.to, endMs: mark.endMs, events: before.events + events };
    else marks.push(mark);
  }
  return marks;
}

/**
 * Lays a recorded run out: lanes for the turns, thinking, text and each tool, those of a sub-agent below the call that it
 * answers, against real time. Takes time and memory in proportion to the events.
 */
export function layout(events: readonly StreamEvent[]): Picture {
  const { runs, keys } = traceOf(events);
  const times = timesOf(events.map(({ timestamp }) => timestamp));
  const { positions, ...axis } = axisOf(times, keys);
  const lanes = rowsOf(runs).map(({ depth, row }: PlacedRow) => ({ label: row.label, depth, marks: marksOf(row.strokes, positions, times) }));
  return { title: titleOf(events), summary: summaryOf(events, times.at(-1) ?? 0), lanes, axis, notes: notesOf(events, times) };
}
