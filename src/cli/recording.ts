import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { concat, concatMap, defer, finalize, from, ignoreElements, tap, timer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { messageOf } from '../errors/describe.js';
import type { StreamEvent as StreamEventType } from '../events/events.js';
import { explain } from '../events/explain-codec.js';
import { StreamEvent } from '../events/stream-event-codec.js';
import { jsonLine, printableLine } from './printable.js';

/** Readable by nobody else: a recording holds the whole conversation. */
const ownerOnly = 0o600;

/** Writes each event to the file as a line of JSON before it is passed on; an existing file is replaced. */
export function recordToFile(file: string, redact: (text: string) => string): MonoTypeOperatorFunction<StreamEventType> {
  return (source) =>
    defer(() => {
      const descriptor = opened(file);
      return source.pipe(
        tap((event) => void writeSync(descriptor, redact(jsonLine(event)))),
        finalize(() => closeSync(descriptor)),
      );
    });
}

function opened(file: string): number {
  try {
    return openSync(file, 'w', ownerOnly);
  } catch (error) {
    throw new Error(`The recording cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

function decodeLine(line: string): E.Either<string, StreamEventType> {
  try {
    const value: unknown = JSON.parse(line);
    return E.mapLeft(explain)(StreamEvent.decode(value));
  } catch {
    return E.left('it is not JSON');
  }
}

/** A line of a recording that is no event. */
export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

/** What a file holds: its events, and the lines that are none. */
export interface Recording {
  readonly events: readonly StreamEventType[];
  readonly badLines: readonly BadLine[];
}

const isBlank = (line: string): boolean => line.trim() === '';

/** Reads all that can be read of a recording. A last line that has no end may have been cut off. */
export function readLines(text: string): Recording {
  const events: StreamEventType[] = [];
  const badLines: BadLine[] = [];
  const lines = text.replace(/^\uFEFF/u, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (isBlank(line)) continue;
    const decoded = decodeLine(line);
    const isLast = index === lines.length - 1;
    if (E.isRight(decoded)) events.push(decoded.right);
    else badLines.push({ line: index + 1, reason: isLast ? `${decoded.left}; the file may have been cut off here` : decoded.left });
  }
  const isEmpty = events.length === 0 && badLines.length === 0;
  return { events, badLines: isEmpty ? [{ line: 1, reason: 'it holds no event' }] : badLines };
}

/** The events of a recording, or why it is none, with the number of the first bad line. */
export function parseRecording(text: string): E.Either<BadLine, readonly StreamEventType[]> {
  const { events, badLines } = readLines(text);
  const [bad] = badLines;
  return bad === undefined ? E.right(events) : E.left(bad);
}

/** What a file of events holds, as text. */
export function recordingText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The recording cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Says of a line of the file that it is no event, and why. */
export function badLineText(file: string, { line, reason }: BadLine): string {
  return `${file}:${line}: this is no recording of events: ${printableLine(reason, 400)}`;
}

function readRecording(file: string): readonly StreamEventType[] {
  const parsed = parseRecording(recordingText(file));
  if (E.isRight(parsed)) return parsed.right;
  throw new Error(badLineText(file, parsed.left));
}

/** Events that come together, after a wait. */
interface Burst {
  readonly waitMs: number;
  readonly events: readonly StreamEventType[];
}

/** Node's timers hold no more. */
const longestWait = 2 ** 31 - 1;

/** Groups events by the time between them, divided by the speed. */
export function burstsOf(events: readonly StreamEventType[], speed: number): readonly Burst[] {
  const bursts: { readonly waitMs: number; readonly events: StreamEventType[] }[] = [];
  let before = events[0]?.timestamp ?? 0;
  for (const event of events) {
    const waitMs = Math.min(Math.max(0, (event.timestamp - before) / speed), longestWait);
    before = event.timestamp;
    const last = bursts.at(-1);
    if (last !== undefined && waitMs === 0) last.events.push(event);
    else bursts.push({ waitMs, events: [event] });
  }
  return bursts;
}

/**
 * Plays a recording at its own pace times `speed`; `Infinity` plays it at once. The file is read and checked whole
 * before the first event.
 */
export function replayFile(file: string, speed: number): Observable<StreamEventType> {
  return defer(() =>
    from(burstsOf(readRecording(file), speed)).pipe(
      concatMap(({ waitMs, events }) => concat(timer(waitMs).pipe(ignoreElements()), from(events))),
    ),
  );
}
