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

/** The events of a recording, or why it is none, with the number of the first bad line. */
export function parseRecording(text: string): E.Either<{ readonly line: number; readonly reason: string }, readonly StreamEventType[]> {
  const events: StreamEventType[] = [];
  const lines = text.replace(/^\uFEFF/u, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const decoded = decodeLine(line);
    if (E.isLeft(decoded)) return E.left({ line: index + 1, reason: decoded.left });
    events.push(decoded.right);
  }
  return events.length === 0 ? E.left({ line: 1, reason: 'it holds no event' }) : E.right(events);
}

function readRecording(file: string): readonly StreamEventType[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The recording cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const parsed = parseRecording(text);
  if (E.isRight(parsed)) return parsed.right;
  const { line, reason } = parsed.left;
  throw new Error(`${file}:${line}: this is no recording of events: ${printableLine(reason, 400)}`);
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
