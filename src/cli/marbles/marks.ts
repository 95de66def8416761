import type { Tone } from '../render.js';

/** What a mark is, as it is drawn in a terminal and explained in the legend. */
interface MarkStyle {
  readonly glyph: string;
  readonly tone: Tone;
  readonly words: string;
  /** Of two marks in one column of a terminal the one of the higher rank is shown. */
  readonly rank: number;
}

/** Every kind of mark, in the order of the legend. */
export const markStyles = {
  start: { glyph: '>', tone: 'plain', words: 'a run begins', rank: 4 },
  turn: { glyph: '1', tone: 'plain', words: 'turn of the model', rank: 5 },
  text: { glyph: '\u25CF', tone: 'plain', words: 'text', rank: 3 },
  thinking: { glyph: '\u25CB', tone: 'plain', words: 'thinking', rank: 3 },
  input: { glyph: '\u2508', tone: 'dim', words: 'input is written', rank: 2 },
  call: { glyph: '\u25B8', tone: 'plain', words: 'call', rank: 5 },
  asked: { glyph: '?', tone: 'plain', words: 'asks for approval', rank: 6 },
  granted: { glyph: 'y', tone: 'good', words: 'granted', rank: 6 },
  denied: { glyph: 'n', tone: 'bad', words: 'denied', rank: 6 },
  progress: { glyph: '\u2022', tone: 'plain', words: 'progress', rank: 4 },
  custom: { glyph: '\u25C6', tone: 'plain', words: 'own event', rank: 4 },
  result: { glyph: '\u2713', tone: 'good', words: 'result', rank: 7 },
  failed: { glyph: '\u2717', tone: 'bad', words: 'failed', rank: 7 },
  retry: { glyph: '\u21BB', tone: 'bad', words: 'retry', rank: 8 },
  wait: { glyph: '\u2508', tone: 'dim', words: 'waits to ask again', rank: 2 },
  complete: { glyph: '|', tone: 'good', words: 'complete', rank: 8 },
  error: { glyph: '\u2717', tone: 'bad', words: 'the run failed', rank: 8 },
  cut: { glyph: '\u2026', tone: 'dim', words: 'the recording ends', rank: 8 },
} as const satisfies Readonly<Record<string, MarkStyle>>;

export type MarkKind = keyof typeof markStyles;

/** The kinds of marks in the order of the legend. */
export const markKinds = ['start', 'turn', 'text', 'thinking', 'input', 'call', 'asked', 'granted', 'denied', 'progress', 'custom', 'result', 'failed', 'retry', 'wait', 'complete', 'error', 'cut'] as const satisfies readonly MarkKind[];
