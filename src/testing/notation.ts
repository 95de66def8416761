import type { ObservableNotification } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/**
 * A marble diagram: one row, or several rows that are laid over each other.
 *
 * Rows say what happens in one frame without moving what comes after it: the second row of `['a-b-|', '--c']` puts `c`
 * in the frame of `b`, after it. Within a frame the order is that of the rows. A space takes no time, in any row.
 */
export type Rows = string | readonly string[];

const several: unique symbol = Symbol('coldstream.burst');

/** Several values behind one character of a diagram, all in its frame. */
export interface Burst<T> {
  readonly [several]: readonly T[];
}

/** What the characters of a diagram stand for. */
export type Values<T> = Readonly<Record<string, T | Burst<T>>>;

/** Several values that one character of a diagram stands for: all are emitted in its frame, in this order. */
export function burst<const All extends readonly unknown[]>(...values: All): Burst<All[number]> {
  return { [several]: values };
}

function isBurst<T>(value: T | Burst<T>): value is Burst<T> {
  return typeof value === 'object' && value !== null && several in value;
}

/** One notification of a diagram or of a source, with its frame. */
export interface Marble<T = unknown> {
  readonly frame: number;
  readonly notification: ObservableNotification<T>;
  /** The character that stood for it, where it came from a diagram. */
  readonly character?: string;
}

/**
 * `(ab)-c` puts `c` five frames after `a`: the brackets and the letters between them all count. Whoever wrote it meant
 * one frame or five; no test should depend on which.
 */
function refuseShiftingGroup(row: string): void {
  const shifting = /\)[-\s]*([^-\s].*)$/.exec(row);
  if (shifting === null) return;
  throw new Error(
    `In ${JSON.stringify(row)} a group stands before ${JSON.stringify(shifting[1])}. A group fills one frame for each of its ` +
      'characters, brackets included, and so moves all that follows. Put what happens in one frame on rows of their own, ' +
      "['a-b|', 'c'], or behind one character, { a: burst(first, second) }; a group may only end a diagram.",
  );
}

function refuseMovedOrigin(rows: readonly string[]): void {
  const origins = new Set(rows.map((row) => row.replaceAll(' ', '').indexOf('^')));
  if (origins.size > 1) throw new Error(`In ${JSON.stringify(rows)} the ^ must stand in the same column of every row.`);
}

function isTerminal(marble: Marble): boolean {
  return marble.notification.kind !== 'N';
}

function refuseValuesAfterTheEnd(marbles: readonly Marble[], rows: readonly string[]): void {
  const end = marbles.findIndex(isTerminal);
  if (end !== -1 && end !== marbles.length - 1) {
    throw new Error(`In ${JSON.stringify(rows)} something stands after the end.`);
  }
}

function lookUp<T>(character: string, values: Values<T> | undefined): readonly unknown[] {
  if (values === undefined) return [character];
  if (!Object.hasOwn(values, character)) {
    throw new Error(`The diagram uses ${JSON.stringify(character)}, which is not in its values: ${Object.keys(values).join(', ')}.`);
  }
  const value = values[character];
  return isBurst(value) ? value[several] : [value];
}

/** What a diagram says, in the order of time. Only in run mode: a character is a frame. */
export function parseRows<T>(diagram: Rows, values?: Values<T>, error: unknown = 'error'): readonly Marble[] {
  const rows = typeof diagram === 'string' ? [diagram] : diagram;
  rows.forEach(refuseShiftingGroup);
  refuseMovedOrigin(rows);
  const marbles = rows
    .flatMap((row) => TestScheduler.parseMarbles(row, undefined, undefined, false, true))
    .flatMap(({ frame, notification }): Marble[] => {
      if (notification.kind === 'C') return [{ frame, notification }];
      if (notification.kind === 'E') return [{ frame, notification: { kind: 'E', error } }];
      const character = String(notification.value);
      return lookUp(character, values).map((value) => ({ frame, notification: { kind: 'N', value }, character }));
    })
    // The sort is stable: within a frame the rows keep their order, and an end comes last.
    .sort((left, right) => left.frame - right.frame || Number(isTerminal(left)) - Number(isTerminal(right)));
  refuseValuesAfterTheEnd(marbles, rows);
  return marbles;
}

/** The frames of one subscription; `Infinity` for what did not happen. */
export interface SubscriptionFrames {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/** What `'--^---!'` says. */
export function parseSubscription(diagram: string): SubscriptionFrames {
  refuseShiftingGroup(diagram);
  return TestScheduler.parseMarblesAsSubscriptions(diagram, true);
}
