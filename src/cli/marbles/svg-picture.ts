import { widthOf } from '../width.js';
import type { Lane, Mark, Picture } from './layout.js';
import { markKinds, markStyles, type MarkKind } from './marks.js';
import { drawings, styleSheet } from './svg-marks.js';
import { timeText } from './time-scale.js';
import { wrap } from './wrap.js';
import { element, xmlText } from './xml.js';

const width = 800;
const edge = 16;
/** A character of 12 px of any monospaced font is not wider. */
const character = 7.4;
const lineHeight = 15;
const rowHeight = 26;
/** In characters; a longer name goes on below itself. */
const widestMargin = 32;
const perLine = Math.floor((width - 2 * edge) / character);

interface Plot {
  readonly left: number;
  readonly right: number;
  /** In characters. */
  readonly margin: number;
}

function plotOf({ lanes, axis }: Picture): Plot {
  const longest = lanes.reduce((most, { label, depth }) => Math.max(most, widthOf(label) + 2 * depth), `time (${axis.unit})`.length);
  const margin = Math.min(longest, widestMargin);
  // A turn's number reaches to both sides of its place.
  return { left: edge + margin * character + 20, right: width - edge - 12, margin };
}

const across = (at: number, { left, right }: Plot): number => left + at * (right - left);

const text = (content: string, x: number, y: number, style: string): string => element('text', { class: style, x, y }, xmlText(content));

/** Lines below each other; gives the markup and how high it is. */
function paragraph(content: string, x: number, y: number, style: string): readonly [markup: string, height: number] {
  const lines = wrap(content, perLine);
  return [lines.map((line, index) => text(line, x, y + (index + 0.8) * lineHeight, style)).join(''), lines.length * lineHeight];
}

const verbs: Readonly<Partial<Record<MarkKind, string>>> = { turn: 'turn', call: 'call of', result: 'result of', failed: 'failure of' };

function tipOf({ kind, label, startMs, endMs, events }: Mark): string {
  const what = [verbs[kind] ?? markStyles[kind].words, label].filter((part) => part !== '').join(' ');
  const when = endMs > startMs ? `${timeText(startMs)} to ${timeText(endMs)}` : timeText(startMs);
  return `${what}, ${when}${events > 1 ? `, ${events} events` : ''}`;
}

function drawMark(mark: Mark, y: number, plot: Plot): string {
  const place = { x: across(mark.from, plot), end: across(mark.to, plot), y, label: xmlText(mark.label) };
  return element('g', {}, element('title', {}, xmlText(tipOf(mark))), drawings[mark.kind](place));
}

const lines: readonly MarkKind[] = ['turn', 'call', 'input'];

/** Long lines lie below all else, a wait above the line of its turn; otherwise what is later lies above. */
function drawMarks(marks: readonly Mark[], y: number, plot: Plot): string {
  const layers = [marks.filter(({ kind }) => lines.includes(kind)), marks.filter(({ kind }) => kind === 'wait'), marks.filter(({ kind }) => kind !== 'wait' && !lines.includes(kind))];
  return layers.flatMap((layer) => layer.map((mark) => drawMark(mark, y, plot))).join('');
}

interface Drawn {
  readonly markup: string;
  readonly height: number;
}

function drawLane({ label, depth, marks }: Lane, y: number, plot: Plot): Drawn {
  const indent = Math.min(2 * depth, Math.floor(plot.margin / 2));
  const parts = wrap(label, plot.margin - indent);
  const names = parts.map((line, index) => text(line, edge + indent * character, y + rowHeight / 2 + 4 + index * lineHeight, 'name')).join('');
  return { markup: names + drawMarks(marks, y + rowHeight / 2, plot), height: rowHeight + (parts.length - 1) * lineHeight };
}

function drawLanes(lanes: readonly Lane[], top: number, plot: Plot): Drawn {
  const markup: string[] = [];
  let y = top;
  for (const lane of lanes) {
    const drawn = drawLane(lane, y, plot);
    markup.push(drawn.markup);
    y += drawn.height;
  }
  return { markup: markup.join(''), height: y - top };
}

/** Time that is left out, between two heights; all in pixels. */
function drawGap({ from, to }: { readonly from: number; readonly to: number }, top: number, bottom: number): string {
  const middle = (from + to) / 2;
  const teeth = 'l4 4l-8 4l4 4'.repeat(Math.floor((bottom - top) / 12));
  return (
    element('rect', { class: 'gap', x: from + 0.5, y: top, width: Math.max(to - from - 1, 1), height: bottom - top }) +
    element('path', { class: 'zigzag', d: `M${middle.toFixed(1)} ${top.toFixed(1)}${teeth}` })
  );
}

/** Grid, gaps and the labels above them; a label that has no room is left out. */
function drawAxis({ axis }: Picture, top: number, bottom: number, plot: Plot): string {
  const taken: (readonly [number, number])[] = [];
  const label = (content: string, at: number): string => {
    const half = (content.length * character) / 2;
    const x = Math.min(Math.max(at, plot.left + half - 12), plot.right - half + 12);
    if (taken.some(([from, to]) => x - half - character < to && x + half + character > from)) return '';
    taken.push([x - half, x + half]);
    return text(content, x, top + 12, 'soft middle');
  };
  const gapLabels = axis.gaps.map((gap) => label(`\u2248 ${gap.label}`, across((gap.from + gap.to) / 2, plot)));
  const gaps = axis.gaps.map(({ from, to }) => drawGap({ from: across(from, plot), to: across(to, plot) }, top + 18, bottom));
  const ticks = axis.ticks.map(({ at, label: content }) => {
    const x = across(at, plot);
    return element('line', { class: 'grid', x1: x, x2: x, y1: top + 18, y2: bottom }) + label(content, x);
  });
  return [text(`time (${axis.unit})`, edge, top + 12, 'soft'), ...gaps, ...ticks, ...gapLabels].join('');
}

/** A sign with what it means. */
interface Entry {
  readonly words: string;
  readonly sign: (x: number, y: number) => string;
}

function entriesOf({ lanes, axis }: Picture): readonly Entry[] {
  const used = new Set(lanes.flatMap(({ marks }) => marks.map(({ kind }) => kind)));
  const entries = markKinds
    .filter((kind) => used.has(kind))
    .map((kind): Entry => {
      const end = kind === 'turn' || kind === 'start' ? 8 : 14;
      return { words: markStyles[kind].words, sign: (x, y) => drawings[kind]({ x: x + 8, end: x + end, y, label: kind === 'turn' ? '1' : '' }) };
    });
  const gap: Entry = { words: 'time left out', sign: (x, y) => drawGap({ from: x + 2, to: x + 16 }, y - 6, y + 6) };
  return axis.gaps.length === 0 ? entries : [...entries, gap];
}

function drawLegend(picture: Picture, top: number): Drawn {
  let [x, y] = [edge, top];
  const parts = entriesOf(picture).map(({ words, sign }) => {
    const room = 34 + words.length * character;
    if (x + room > width - edge) [x, y] = [edge, y + 22];
    const markup = sign(x, y + 11) + text(words, x + 24, y + 15, 'soft');
    x += room + 8;
    return markup;
  });
  return { markup: parts.join(''), height: y + 26 - top };
}

function drawNotes({ notes }: Picture, top: number): Drawn {
  const markup: string[] = [];
  let y = top;
  for (const { kind, atMs, text: content } of notes) {
    const lines = wrap(`${timeText(atMs)}: ${content}`, perLine - 4);
    markup.push(drawings[kind]({ x: edge + 8, end: edge + 8, y: y + 9, label: '' }));
    markup.push(...lines.map((line, index) => text(line, edge + 24, y + 13 + index * lineHeight, 'note')));
    y += lines.length * lineHeight + 5;
  }
  return { markup: markup.join(''), height: y - top };
}

/** The picture in words, for those who cannot see it. */
function describe({ lanes, summary }: Picture): string {
  const shown = lanes.map(({ label, marks }) => {
    const counts = new Map<string, number>();
    for (const { kind, events } of marks) counts.set(markStyles[kind].words, (counts.get(markStyles[kind].words) ?? 0) + (kind === 'turn' ? 1 : Math.max(events, 1)));
    return `${label}: ${[...counts].map(([words, count]) => `${words} ${count}`).join(', ')}`;
  });
  return `A marble diagram; time runs from left to right. ${summary}. Lanes from top to bottom. ${shown.join('; ')}.`;
}

/** Draws a run as an SVG, 800 pixels wide: one file without scripts, links or fonts of its own. */
export function svgPicture(picture: Picture): string {
  const plot = plotOf(picture);
  const [title, titleHeight] = picture.title === '' ? ['', 0] : paragraph(picture.title, edge, edge, 'title');
  const axisTop = edge + titleHeight + 10;
  const lanesTop = axisTop + 22;
  const lanes = drawLanes(picture.lanes, lanesTop, plot);
  const bottom = lanesTop + lanes.height;
  const notes = drawNotes(picture, bottom + 12);
  const legend = drawLegend(picture, bottom + 12 + notes.height);
  const summaryTop = bottom + 12 + notes.height + legend.height;
  const [summary, summaryHeight] = paragraph(picture.summary, edge, summaryTop, 'soft');
  const height = summaryTop + summaryHeight + edge;
  const parts = [
    element('title', { id: 'title' }, xmlText(picture.title === '' ? 'A recorded run' : picture.title)),
    element('desc', { id: 'desc' }, xmlText(describe(picture))),
    element('style', {}, styleSheet),
    element('rect', { class: 'card', x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 8 }),
    ...[title, drawAxis(picture, axisTop, bottom, plot), lanes.markup, notes.markup, legend.markup, summary],
  ];
  const root = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${Math.round(height)}`, 'font-size': 12, role: 'img', 'aria-labelledby': 'title desc' };
  return `${element('svg', root, '\n', parts.filter((part) => part !== '').join('\n'), '\n')}\n`;
}
