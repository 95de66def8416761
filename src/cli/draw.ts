import { realpathSync, writeFileSync } from 'node:fs';
import { messageOf } from '../errors/describe.js';
import { layout, type Picture } from './marbles/layout.js';
import { svgPicture } from './marbles/svg-picture.js';
import { textPicture } from './marbles/text-picture.js';
import type { MarblesCommand } from './options.js';
import type { Redact } from './output.js';
import { printableLine } from './printable.js';
import { badLineText, readLines, recordingText, type BadLine } from './recording.js';
import { terminal, type Environment } from './terminal.js';

/** Where a picture is shown; `process` fits. */
export interface Screen {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Environment;
}

const usualColumns = 80;

/** How wide the picture may be: as the user says, as the terminal is, or as terminals usually are. */
export function columnsOf({ stdout, env }: { readonly stdout: { readonly columns?: number }; readonly env: Environment }): number {
  const wanted = Number(env['COLUMNS']);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : (stdout.columns ?? usualColumns);
}

function show(picture: Picture, screen: Screen): void {
  const shown = terminal(screen.stdout, screen.stderr, screen.env);
  for (const line of textPicture(picture, columnsOf(screen))) {
    for (const { text, tone } of line) shown.show({ type: 'text', text, tone });
    shown.show({ type: 'text', text: '\n', tone: 'plain' });
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function save(picture: Picture, file: string, recording: string): void {
  if (isSameFile(file, recording)) throw new Error('The picture would replace the recording: give --svg another name.');
  try {
    writeFileSync(file, svgPicture(picture));
  } catch (error) {
    throw new Error(`The picture cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

const mostTold = 3;

/** What is said of lines that cannot be read: of the first ones, and how many more there are. */
function complaints(file: string, badLines: readonly BadLine[]): readonly string[] {
  const told = badLines.slice(0, mostTold).map((bad) => badLineText(file, bad));
  const more = badLines.length - told.length;
  return more === 0 ? told : [...told, `${file}: ${more} more ${more === 1 ? 'line' : 'lines'} cannot be read`];
}

function draw({ file, svg }: MarblesCommand, redact: Redact, screen: Screen): readonly string[] {
  const { events, badLines } = readLines(redact(recordingText(file)));
  if (events.length > 0) {
    const picture = layout(events);
    if (svg === null) show(picture, screen);
    else if (svg === '-') screen.stdout.write(svgPicture(picture));
    else save(picture, svg, file);
  }
  return complaints(file, badLines);
}

/** Draws a recording, as far as it can be read; gives the exit code. */
export function drawRecording(command: MarblesCommand, redact: Redact, screen: Screen): number {
  let problems: readonly string[];
  try {
    problems = draw(command, redact, screen);
  } catch (error) {
    problems = [messageOf(error)];
  }
  for (const problem of problems) screen.stderr.write(`coldstream: ${printableLine(redact(problem), 500)}\n`);
  return problems.length === 0 ? 0 : 1;
}
