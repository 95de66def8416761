import { layout } from '../../../src/cli/marbles/layout.js';
import { svgPicture } from '../../../src/cli/marbles/svg-picture.js';
import { textPicture } from '../../../src/cli/marbles/text-picture.js';
import type { StreamEvent } from '../../../src/events/events.js';

/** A picture for a terminal as plain lines. */
export const drawn = (events: readonly StreamEvent[], columns: number): readonly string[] =>
  textPicture(layout(events), columns).map((line) => line.map(({ text }) => text).join(''));

/** A sign and where it stands: its lane, counted from the top, and how far right. */
interface Sign {
  readonly sign: string;
  readonly lane: number;
  readonly at: number;
}

const byPlace = (signs: readonly Sign[]): readonly string[] =>
  [...signs].sort((one, other) => one.at - other.at || one.lane - other.lane).map(({ sign, lane }) => `${lane} ${sign}`);

const glyphs: Readonly<Record<string, string>> = { '>': 'start', '\u25B8': 'call', '?': 'asked', y: 'granted', n: 'denied', '\u2713': 'result', '\u2717': 'failed', '\u21BB': 'retry', '|': 'complete', '\u2026': 'cut' };

/** The signs of a picture for a terminal in the order in which they are read: from left to right, then from top to bottom. */
export function signsOfText(lines: readonly string[]): readonly string[] {
  const ruler = lines.findIndex((line) => line.includes('\u252C'));
  const left = (lines[ruler] ?? '').search(/\S/u);
  const signs: Sign[] = [];
  let lane = -1;
  for (const line of lines.slice(ruler + 1)) {
    if (line === '') break;
    const plot = line.slice(left);
    if (plot === '') continue;
    lane++;
    for (const { 0: glyph, index } of plot.matchAll(/[>\u25B8?yn\u2713\u2717\u21BB|\u2026]|\d+/gu)) signs.push({ sign: glyphs[glyph] ?? `turn ${glyph}`, lane, at: index });
  }
  return byPlace(signs);
}

const shapes: readonly (readonly [RegExp, string])[] = [
  [/class="start"/u, 'start'],
  [/class="head"/u, 'call'],
  [/class="asked".*q-0\.6/u, 'asked'],
  [/class="asked"/u, 'retry'],
  [/class="ring"/u, 'granted'],
  [/class="bad".*m-3 0h6/u, 'denied'],
  [/class="bad"/u, 'failed'],
  [/<rect class="good"/u, 'complete'],
  [/class="good"/u, 'result'],
  [/class="cut"/u, 'cut'],
];

function signOf(markup: string): string | undefined {
  const turn = /class="number"[^>]*>(?<label>\d+)</u.exec(markup)?.groups?.['label'];
  return turn === undefined ? shapes.find(([shape]) => shape.test(markup))?.[1] : `turn ${turn}`;
}

/** The same of an SVG. */
export function signsOfSvg(svg: string): readonly string[] {
  const signs = [...svg.matchAll(/<g>(?<markup>.*?)<\/g>/gu)].flatMap(({ groups }) => {
    const markup = groups?.['markup'] ?? '';
    const sign = signOf(markup);
    // Bars and arrows begin a little left of their place, which is where the arrow's line begins.
    const at = Number(/ (?:cx|x1)="(?<x>[\d.]+)"/u.exec(markup)?.groups?.['x'] ?? Number(/ x="(?<x>[\d.]+)"/u.exec(markup)?.groups?.['x']) + 1.5);
    const height = Number(/ (?:cy|y1|y)="(?<y>[\d.]+)"/u.exec(markup)?.groups?.['y']) + (/<rect/u.test(markup) ? 9 : 0);
    return sign === undefined ? [] : [{ sign, height, at }];
  });
  const heights = [...svg.matchAll(/<g>.*?<\/g>/gu)].map(([markup]) => markup);
  const lanes = [...new Set(heights.map(laneHeight))].sort((one, other) => one - other);
  return byPlace(signs.map(({ sign, height, at }) => ({ sign, at, lane: lanes.indexOf(height) })));
}

/** The middle of the lane that a mark stands on. */
function laneHeight(markup: string): number {
  const rect = /<rect[^>]* y="(?<y>[\d.]+)"[^>]* height="(?<height>[\d.]+)"/u.exec(markup)?.groups;
  if (rect !== undefined) return Number(rect['y']) + Number(rect['height']) / 2;
  return Number(/ (?:cy|y1)="(?<y>[\d.]+)"/u.exec(markup)?.groups?.['y']);
}

export const svgOf = (events: readonly StreamEvent[]): string => svgPicture(layout(events));
