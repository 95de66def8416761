import type { MarkKind } from './marks.js';
import { element } from './xml.js';

/** Where a mark is drawn, in pixels: along its lane from `x` to `end`, around the height `y`. */
export interface Place {
  readonly x: number;
  readonly end: number;
  readonly y: number;
  /** What stands in it: a turn's number. */
  readonly label: string;
}

type Draw = (place: Place) => string;

/** A disc with a sign in it. The sign is a path, so that no font needs to have it. */
const disc =
  (style: string, sign: string): Draw =>
  ({ x, y }) =>
    element('circle', { class: style, cx: x, cy: y, r: 6.5 }) + element('path', { class: 'sign', d: `M${x.toFixed(1)} ${y.toFixed(1)}${sign}` });

const check = 'm-3 0.2l2.2 2.4l4 -4.8';

/** A ring with a check in it: a yes, which is no result yet. */
const granted: Draw = ({ x, y }) =>
  element('circle', { class: 'ring', cx: x, cy: y, r: 6 }) + element('path', { class: 'yes', d: `M${x.toFixed(1)} ${y.toFixed(1)}${check}` });

const line =
  (style: string): Draw =>
  ({ x, end, y }) =>
    element('line', { class: style, x1: x, x2: Math.max(end, x + 1), y1: y, y2: y });

/** A marble, or a row of them as one bar where they are dense. */
const beads =
  (style: string, radius: number): Draw =>
  ({ x, end, y }) =>
    element('rect', { class: style, x: x - radius, y: y - radius, width: end - x + 2 * radius, height: 2 * radius, rx: radius });

const cross = 'm-2.5 -2.5l5 5m0 -5l-5 5';
const minus = 'm-3 0h6';
const question = 'm-2 -1.6a2 2 0 1 1 2.6 1.9q-0.6 0.3 -0.6 1.1m0 1.9v0.2';
const around = 'm2.6 -1.6a3.1 3.1 0 1 0 0.4 2.6m-0.3 -4.4v2h-2';

const bar =
  (style: string): Draw =>
  ({ x, y }) =>
    element('rect', { class: style, x: x - 1.5, y: y - 9, width: 3, height: 18, rx: 1.5 });

function turn({ x, end, y, label }: Place): string {
  const trail = element('line', { class: 'turnline', x1: x, x2: Math.max(end, x + 1), y1: y, y2: y });
  const size = label.length > 3 ? 7 : label.length > 2 ? 8.5 : 11;
  return trail + element('circle', { class: 'turn', cx: x, cy: y, r: 8 }) + element('text', { class: 'number', x, y: y + size * 0.36, 'font-size': size }, label);
}

const call: Draw = (place) => {
  const { x, y } = place;
  return line('call')(place) + element('path', { class: 'head', d: `M${(x - 3).toFixed(1)} ${(y - 6).toFixed(1)}l8 6l-8 6z` });
};

/** It lies over the line of its turn. */
const wait: Draw = (place) => line('under')(place) + line('wait')(place);

const start: Draw = ({ x, y }) => element('circle', { class: 'start', cx: x, cy: y, r: 4 });

/** How each kind of mark is drawn; later ones lie above earlier ones. */
export const drawings: Readonly<Record<MarkKind, Draw>> = {
  turn,
  input: line('input'),
  wait,
  call,
  start,
  text: beads('text', 4.5),
  thinking: beads('thinking', 4),
  progress: beads('progress', 3),
  custom: beads('custom', 3.5),
  asked: disc('asked', question),
  granted,
  denied: disc('bad', minus),
  result: disc('good', check),
  failed: disc('bad', cross),
  retry: disc('asked', around),
  complete: bar('good'),
  error: disc('bad', cross),
  cut: bar('cut'),
};

interface Colours {
  readonly card: string;
  readonly edge: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  readonly text: string;
  readonly thinking: string;
  readonly call: string;
  readonly good: string;
  readonly bad: string;
  readonly asked: string;
}

const light: Colours = {
  ...{ card: '#ffffff', edge: '#d0d7de', ink: '#1f2328', soft: '#59636e', grid: '#e7eaee' },
  ...{ text: '#0969da', thinking: '#8250df', call: '#57606a', good: '#1a7f37', bad: '#cf222e', asked: '#9a6700' },
};

const dark: Colours = {
  ...{ card: '#0d1117', edge: '#3d444d', ink: '#f0f6fc', soft: '#9198a1', grid: '#21262d' },
  ...{ text: '#4493f8', thinking: '#ab7df8', call: '#9198a1', good: '#3fb950', bad: '#f85149', asked: '#d29922' },
};

const rules = (colours: Colours): string => {
  const { card, edge, ink, soft, grid, text, thinking, call: grey, good, bad, asked } = colours;
  return [
    `.card{fill:${card};stroke:${edge}}text{fill:${ink}}.soft{fill:${soft}}.number{fill:${card}}`,
    `.grid{stroke:${grid}}.gap{fill:${grid}}.zigzag{stroke:${soft}}.turn,.start{fill:${ink}}.turnline{stroke:${ink}}`,
    `.text{fill:${text}}.thinking{fill:${card};stroke:${thinking}}.progress,.head{fill:${grey}}.custom{fill:${thinking}}`,
    `.call,.input{stroke:${grey}}.wait{stroke:${asked}}.good{fill:${good}}.bad{fill:${bad}}.asked{fill:${asked}}.cut{fill:${soft}}.sign,.under{stroke:${card}}`,
    `.ring{fill:${card};stroke:${good}}.yes{stroke:${good}}`,
  ].join('');
};

/** Colours for either background; the picture has a card of its own, so that it can be read where the reader's choice is not known. */
export const styleSheet = [
  'text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}.number{font-weight:700;text-anchor:middle}',
  '.title{font-weight:700}.middle{text-anchor:middle}.zigzag,.sign,.yes{fill:none}.sign,.yes{stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}',
  '.turnline,.thinking,.ring{stroke-width:1.5}.call{stroke-width:3}.under{stroke-width:4}.input,.wait{stroke-width:2;stroke-dasharray:2 3}',
  rules(light),
  `@media (prefers-color-scheme:dark){${rules(dark)}}`,
].join('');
