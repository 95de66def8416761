import type { StreamEvent } from '../events/events.js';
import { meaningOf } from './lanes.js';
import type { Marble } from './notation.js';

/** Any event of a kind, where a letter of the notation stands for nothing more. */
export class AnyOfKind {
  constructor(
    readonly letter: string,
    readonly meaning: string,
  ) {}
}

const unitMs = { ms: 1, s: 1_000, m: 60_000 } as const;

const token = /\s+|@(\d+(?:\.\d+)?)(ms|s|m)(?=\s|$)|(\d+(?:\.\d+)?)(ms|s|m)(?=\s|$)|-|\(([^()\s]*)\)|[^\s()@\d^!-]/y;

function milliseconds(amount: string | undefined, unit: string | undefined): number {
  return unit === 'ms' || unit === 's' || unit === 'm' ? Math.round(Number(amount) * unitMs[unit]) : 0;
}

function marbleOf(letter: string, frame: number, lane: string, values: Readonly<Record<string, StreamEvent>>, error: unknown): Marble {
  if (letter === '|') return { frame, notification: { kind: 'C' }, character: letter };
  if (letter === '#') return { frame, notification: { kind: 'E', error }, character: letter };
  const value = Object.hasOwn(values, letter) ? values[letter] : undefined;
  if (value !== undefined) return { frame, notification: { kind: 'N', value }, character: letter };
  const meaning = meaningOf(letter);
  if (meaning === undefined) throw new Error(`In ${JSON.stringify(lane)} the letter ${JSON.stringify(letter)} is no kind of event, and is not in the values.`);
  return { frame, notification: { kind: 'N', value: new AnyOfKind(letter, meaning) }, character: letter };
}

/**
 * What one lane of a run says, in the order of time. Other than in a diagram of rxjs a group, `(si)`, takes one frame, and
 * `@31s` goes on at that time of the run.
 */
export function parseLane(lane: string, values: Readonly<Record<string, StreamEvent>>, error: unknown): readonly Marble[] {
  const marbles: Marble[] = [];
  let frame = 0;
  let at = 0;
  while (at < lane.length) {
    token.lastIndex = at;
    const found = token.exec(lane);
    if (found === null) {
      throw new Error(`In ${JSON.stringify(lane)} nothing can be made of ${JSON.stringify(lane.slice(at))}. A time stands between blanks: '@31s' goes on at that time, '31s' waits so long.`);
    }
    at = token.lastIndex;
    const [text, time, timeUnit, wait, waitUnit, group] = found;
    if (time !== undefined) {
      const next = milliseconds(time, timeUnit);
      if (next < frame) throw new Error(`In ${JSON.stringify(lane)} the lane has reached ${frame} ms when it comes to ${text}.`);
      frame = next;
    } else if (wait !== undefined) frame += milliseconds(wait, waitUnit);
    else if (text.trim() !== '') {
      for (const letter of text === '-' ? '' : (group ?? text)) marbles.push(marbleOf(letter, frame, lane, values, error));
      frame += 1;
    }
  }
  const end = marbles.findIndex(({ notification }) => notification.kind !== 'N');
  if (end !== -1 && end !== marbles.length - 1) throw new Error(`In ${JSON.stringify(lane)} something stands after the end.`);
  return marbles;
}

/** A time of a run, as the notation has it. */
export function timeMark(frame: number): string {
  return frame >= 1_000 ? `@${frame / 1_000}s` : `@${frame}ms`;
}
