import type { Tone } from '../render.js';
import { cutToColumns, widthOf } from '../width.js';
import type { Axis } from './axis.js';
import type { Lane, Mark, Picture } from './layout.js';
import { markKinds, markStyles, type MarkKind } from './marks.js';
import type { Note } from './notes.js';
import { timeText } from './time-scale.js';
import { wrap } from './wrap.js';

/** A part of a line that is in one tone. */
export interface Run {
  readonly text: string;
  readonly tone: Tone;
}

type Line = readonly Run[];

interface Cell {
  readonly glyph: string;
  readonly tone: Tone;
  readonly rank: number;
}

/** Where lanes are drawn. */
interface Plot {
  readonly gutter: number;
  readonly columns: number;
}

const empty: Cell = { glyph: ' ', tone: 'plain', rank: 0 };
const cutGlyph = '\u2248';
const fewestColumns = 16;
const shortestPlot = 8;

const columnOf = (at: number, { columns }: Plot): number => Math.round(at * (columns - 1));

function plotOf({ lanes, axis }: Picture, width: number): Plot {
  const longest = lanes.reduce((most, { label, depth }) => Math.max(most, widthOf(label) + 2 * depth), `time (${axis.unit})`.length);
  const gutter = Math.max(Math.min(longest, Math.floor(width * 0.4), width - shortestPlot - 1), 4);
  return { gutter, columns: Math.max(width - gutter - 1, 1) };
}

/** The line that goes on where a mark goes on; the marks on it are above it. */
const trails: Readonly<Partial<Record<MarkKind, string>>> = {
  turn: '\u2500',
  call: '\u2500',
  input: markStyles.input.glyph,
  wait: markStyles.wait.glyph,
  text: markStyles.text.glyph,
  thinking: markStyles.thinking.glyph,
  progress: markStyles.progress.glyph,
  custom: markStyles.custom.glyph,
};

function put(cells: Cell[], column: number, cell: Cell): void {
  if (column < cells.length && cell.rank >= (cells[column] ?? empty).rank) cells[column] = cell;
}

function drawTrail(cells: Cell[], { kind, from, to }: Mark, plot: Plot): void {
  const glyph = trails[kind];
  if (glyph === undefined) return;
  const { tone, glyph: head, rank } = markStyles[kind];
  const isLine = glyph !== head || kind === 'input' || kind === 'wait';
  for (let column = columnOf(from, plot); column <= columnOf(to, plot); column++) {
    put(cells, column, { glyph, tone: isLine ? 'dim' : tone, rank: isLine ? Math.min(rank, 2) : rank });
  }
}

/** A turn is shown by its number where that has room before the next. */
function headOf({ kind, label }: Mark, room: number): string {
  if (kind !== 'turn') return markStyles[kind].glyph;
  return label !== '' && label.length <= room ? label : '\u2502';
}

function drawLane({ marks }: Lane, plot: Plot, gapColumns: ReadonlySet<number>): Line {
  const cells = Array.from({ length: plot.columns }, () => empty);
  for (const mark of marks) drawTrail(cells, mark, plot);
  for (const column of gapColumns) {
    if ((cells[column]?.rank ?? 0) === 2) cells[column] = { glyph: cutGlyph, tone: 'dim', rank: 2 };
  }
  let nextTurn = plot.columns;
  for (const mark of marks.toReversed()) {
    const column = columnOf(mark.from, plot);
    const { tone, rank } = markStyles[mark.kind];
    Array.from(headOf(mark, nextTurn - column)).forEach((glyph, index) => put(cells, column + index, { glyph, tone, rank }));
    if (mark.kind === 'turn') nextTurn = column;
  }
  return trimmed(cells);
}

/** The cells as runs of one tone, without what is empty at the end. */
function trimmed(cells: readonly Cell[]): Line {
  const last = cells.findLastIndex(({ rank }) => rank > 0);
  const runs: Run[] = [];
  for (const { glyph, tone } of cells.slice(0, last + 1)) {
    const before = runs.at(-1);
    if (before?.tone === tone) runs[runs.length - 1] = { text: before.text + glyph, tone };
    else runs.push({ text: glyph, tone });
  }
  return runs;
}

/** The columns of each time that is cut; at least one, between the events on its sides. */
function gapColumnsOf({ gaps }: Axis, plot: Plot): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { from, to } of gaps) {
    const [first, last] = [columnOf(from, plot) + 1, columnOf(to, plot) - 1];
    for (let column = Math.min(first, last); column <= Math.max(first, last); column++) found.add(column);
  }
  return found;
}

/** A label in the middle above its column, if there is room for it; tells whether there was. */
function label(cells: Cell[], text: string, column: number): boolean {
  const start = Math.max(0, Math.min(column - Math.floor(text.length / 2), cells.length - text.length));
  const around = cells.slice(Math.max(0, start - 1), start + text.length + 1);
  if (text.length > cells.length || around.some(({ rank }) => rank > 0)) return false;
  Array.from(text).forEach((glyph, index) => put(cells, start + index, { glyph, tone: 'dim', rank: 1 }));
  return true;
}

function drawAxis(axis: Axis, plot: Plot, gapColumns: ReadonlySet<number>): readonly [labels: Line, ruler: Line] {
  const above = Array.from({ length: plot.columns }, () => empty);
  const ruler = Array.from({ length: plot.columns }, (): Cell => ({ glyph: '\u2500', tone: 'dim', rank: 1 }));
  for (const column of gapColumns) put(ruler, column, { glyph: cutGlyph, tone: 'dim', rank: 3 });
  for (const gap of axis.gaps) label(above, `${cutGlyph}${gap.label}`, columnOf((gap.from + gap.to) / 2, plot));
  for (const tick of axis.ticks) {
    const column = columnOf(tick.at, plot);
    if (label(above, tick.label, column)) put(ruler, column, { glyph: '\u252C', tone: 'dim', rank: 2 });
  }
  return [trimmed(above), trimmed(ruler)];
}

/** A name in the margin, whole, on as many lines as it takes; what is drawn beside it stands on the first. */
function beside(name: string, indent: number, { gutter }: Plot, drawn: Line): readonly Line[] {
  const margin = ' '.repeat(Math.min(indent, Math.floor(gutter / 2)));
  return wrap(name, gutter - margin.length).map((part, index) => {
    const shown = margin + part;
    const pad = ' '.repeat(Math.max(gutter - widthOf(shown), 0) + 1);
    return index === 0 && drawn.length > 0 ? [{ text: shown + pad, tone: 'plain' }, ...drawn] : [{ text: shown, tone: 'plain' }];
  });
}

function legendOf({ lanes, axis }: Picture, width: number): readonly Line[] {
  const used = new Set(lanes.flatMap(({ marks }) => marks.map(({ kind }) => kind)));
  const parts = markKinds.filter((kind) => used.has(kind)).map((kind) => `${markStyles[kind].glyph} ${markStyles[kind].words}`);
  const all = axis.gaps.length === 0 ? parts : [...parts, `${cutGlyph} time left out`];
  const lines: string[] = [];
  for (const part of all) {
    const before = lines.at(-1);
    const joined = `${before ?? ''}   ${part}`;
    if (before !== undefined && widthOf(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(cutToColumns(part, width));
  }
  return lines.map((text) => [{ text, tone: 'dim' }]);
}

const wrapped = (text: string, width: number, tone: Tone): readonly Line[] => wrap(text, width).map((line) => [{ text: line, tone }]);

function noteLines({ kind, atMs, text }: Note, width: number): readonly Line[] {
  const { glyph, tone } = markStyles[kind];
  return wrap(`${timeText(atMs)}: ${text}`, width - 2).map((line, index) => [{ text: `${index === 0 ? glyph : ' '} ${line}`, tone }]);
}

const blank: Line = [];

/** Draws a run for a terminal of so many columns. No line is longer; fewer than 16 are taken for 16. */
export function textPicture(picture: Picture, columns: number): readonly Line[] {
  const width = Math.max(Math.floor(columns), fewestColumns);
  const plot = plotOf(picture, width);
  const gapColumns = gapColumnsOf(picture.axis, plot);
  const [labels, ruler] = drawAxis(picture.axis, plot, gapColumns);
  const title = picture.title === '' ? [] : [...wrapped(`> ${picture.title}`, width, 'dim'), blank];
  const notes = picture.notes.flatMap((note) => noteLines(note, width));
  return [
    ...title,
    ...beside(`time (${picture.axis.unit})`, 0, plot, labels),
    ...beside('', 0, plot, ruler),
    ...picture.lanes.flatMap((lane) => beside(lane.label, 2 * lane.depth, plot, drawLane(lane, plot, gapColumns))),
    blank,
    ...(notes.length === 0 ? [] : [...notes, blank]),
    ...legendOf(picture, width),
    ...wrapped(picture.summary, width, 'dim'),
  ];
}
