import { createSpinner } from 'nanospinner';
import { interval, type Subscription } from 'rxjs';
import type { Piece, Tone } from './render.js';
import { liveText, type LivePart } from './width.js';

/** Where text goes; `process.stdout` and `process.stderr` fit. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What the environment says of the terminal. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Shows pieces. */
export interface Terminal {
  show(piece: Piece): void;
  /** Shows nothing until `release`, which shows it all: somebody is asked something. */
  hold(): void;
  release(): void;
  /** Takes the live line away and gives the cursor back. */
  close(): void;
}

const frameMs = 80;
const showCursor = '\u001B[?25h';

/** Whether the terminal can redraw a line; a build server's log cannot, whatever it says it is. */
export function canRedraw(stdout: Sink, environment: Environment): boolean {
  return stdout.isTTY === true && environment['TERM'] !== 'dumb' && !('CI' in environment);
}

/** Whether colour is wanted. Any value of NO_COLOR but the empty one refuses it. */
function canColour(sink: Sink, environment: Environment): boolean {
  return sink.isTTY === true && environment['TERM'] !== 'dumb' && (environment['NO_COLOR'] ?? '') === '';
}

/** On and off. Node's own `styleText` looks at `process.stdout` alone, and not in every release. */
const codes = { dim: [2, 22], good: [32, 39], bad: [31, 39] } as const;

function paint(content: string, tone: Tone, inColour: boolean): string {
  if (!inColour || tone === 'plain') return content;
  const [on, off] = codes[tone];
  // The line ends outside of the colour, which would otherwise run on to the next.
  const [, body = '', end = ''] = /^([\s\S]*?)(\n*)$/u.exec(content) ?? [];
  return `\u001B[${on}m${body}\u001B[${off}m${end}`;
}

/** A line at the bottom that is redrawn in place. */
interface LiveLine {
  set(parts: readonly LivePart[]): void;
  /** Takes the line off the screen, so that something else can be written. */
  hide(): void;
  /** Whether the cursor stands at the start of a line, where the live line may be drawn. */
  allow(atStart: boolean): void;
  /** Takes the line away and gives the cursor back, until `resume` draws it again. */
  pause(): void;
  resume(): void;
  close(): void;
}

const ignore = (): void => undefined;

const noLiveLine: LiveLine = { set: ignore, hide: ignore, allow: ignore, pause: ignore, resume: ignore, close: ignore };

/**
 * The library's own timer is not used: starting it makes Ctrl-C end the process on the spot, before the tools'
 * processes are gone.
 */
function liveLine(stdout: NodeJS.WriteStream): LiveLine {
  const spinner = createSpinner('', { stream: stdout, color: 'cyan' });
  let content: readonly LivePart[] = [];
  let allowed = true;
  let drawn = false;
  let ticking: Subscription | undefined;

  const draw = (): void => {
    if (content.length === 0 || !allowed) return;
    // Two columns for the spinner, and one kept free: a full line makes some terminals wrap.
    spinner.update({ text: liveText(content, stdout.columns - 3) }).spin();
    drawn = true;
  };
  // Only a line that is there may be cleared: to clear is to go back to the first column.
  const hide = (): void => {
    if (drawn) spinner.clear();
    drawn = false;
  };
  const stop = (): void => {
    if (ticking === undefined) return;
    ticking.unsubscribe();
    ticking = undefined;
    hide();
    stdout.write(showCursor);
  };
  const set = (parts: readonly LivePart[]): void => {
    content = parts;
    if (parts.length === 0) stop();
    else if (ticking === undefined) ticking = interval(frameMs).subscribe({ next: draw, error: ignore });
  };
  return {
    set,
    hide,
    allow: (atStart) => {
      allowed = atStart;
    },
    pause: stop,
    resume: () => set(content),
    close: stop,
  };
}

/** A terminal on two streams; the live line only where standard output can redraw, plain lines elsewhere. */
export function terminal(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, environment: Environment): Terminal {
  const redraws = canRedraw(stdout, environment);
  return terminalOn(stdout, stderr, environment, redraws ? liveLine(stdout) : noLiveLine);
}

/** The same on any sinks, with the live line given. */
export function terminalOn(stdout: Sink, stderr: Sink, environment: Environment, line: LiveLine = noLiveLine): Terminal {
  const inColour = { out: canColour(stdout, environment), err: canColour(stderr, environment) };
  const redraws = line !== noLiveLine;
  let held: Piece[] | undefined;
  const show = (piece: Piece): void => {
    switch (piece.type) {
      case 'live':
        line.set(piece.parts);
        return;
      case 'progress':
        if (!redraws) stdout.write(`${piece.text}\n`);
        return;
      case 'note':
        line.hide();
        stderr.write(`${paint(piece.text, piece.tone, inColour.err)}\n`);
        return;
      case 'text':
        line.hide();
        stdout.write(paint(piece.text, piece.tone, inColour.out));
        line.allow(piece.text.endsWith('\n'));
        return;
    }
  };
  const release = (): void => {
    const waiting = held ?? [];
    held = undefined;
    // Whoever answered has ended the line.
    line.allow(true);
    line.resume();
    waiting.forEach(show);
  };
  return {
    show: (piece) => {
      if (held === undefined) show(piece);
      else held.push(piece);
    },
    hold: () => {
      held ??= [];
      line.pause();
    },
    release,
    close: () => {
      if (held !== undefined) release();
      line.close();
    },
  };
}
