import { connect, endWith, ignoreElements, interval, map, merge, takeUntil, type OperatorFunction } from 'rxjs';
import { ConfigurationError } from '../../errors/errors.js';
import type { StreamEvent } from '../../events/events.js';
import { heartbeatFrame, sseFrame } from './frame.js';

/** How events are written as Server-Sent Events. */
export interface SseOptions {
  /**
   * A comment is sent each time that so many milliseconds have passed, so that no proxy takes a silent run for a dead
   * connection. Default 15,000; `false` sends none.
   */
  readonly heartbeat?: number | false;
  /** The text of an event. Default: its JSON. It may hold anything: lines are kept apart here. */
  readonly serialize?: (event: StreamEvent) => string;
}

const defaultHeartbeat = 15_000;
/** A timer that is told to wait longer does not wait at all. */
const longestWait = 2 ** 31 - 1;

function heartbeatOf({ heartbeat = defaultHeartbeat }: SseOptions): number | false {
  if (heartbeat === false || (heartbeat >= 1 && heartbeat <= longestWait)) return heartbeat;
  throw new ConfigurationError(`heartbeat must be from 1 to ${longestWait} milliseconds, or false for none, not ${String(heartbeat)}.`);
}

/**
 * Events as the frames of a `text/event-stream`, one frame an event, each with the id `runId:seq`.
 *
 * Nothing that an event holds can break a frame: no text of a model or a tool can end it early or begin another.
 *
 * ```
 * events:  -a-------b-c|
 *          toSse({ heartbeat: 5 })
 * frames:  -A---:---B-C|      A "id: run_1:0\ndata: {…}\n\n", : a comment
 * ```
 *
 * - Frames have no `event` field, so `EventSource.onmessage` gets them all and tells them apart by `type`. With names, a
 *   run's `error` event would arrive where a browser reports broken connections.
 * - There is no closing frame of its own: the run's last event, `complete` or `error` with an empty `path`, is the end.
 *   An `EventSource` must be closed there, or it connects again.
 * - An id that cannot stand in an event stream, because the `runId` holds a line end, NUL or half a character, is left
 *   out.
 * - Everything in an event is sent: the prompt, thinking, what tools were given and what they said, and in the last
 *   event every message of the run. Filter before, where a client must not see it.
 * - Errors of the source pass, also one that `serialize` throws. Heartbeats end with the source; unsubscribing stops both.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { toSse } from 'coldstream/sse';
 * import { event } from 'coldstream/testing';
 *
 * of(event.text('Hello', { runId: 'run_1', seq: 4 }))
 *   .pipe(toSse())
 *   .subscribe((frame) => console.log(frame.split('\n')[0]));
 * // Logs:
 * // id: run_1:4
 * ```
 *
 * @see {@link pipeToResponse} to answer a request of node:http with them.
 * @param options heartbeat in milliseconds, and how an event becomes text; both have defaults
 * @returns an operator from the events of a run to text, to be sent as it is in UTF-8.
 * @throws ConfigurationError for a heartbeat that no timer can keep
 */
export function toSse(options: SseOptions = {}): OperatorFunction<StreamEvent, string> {
  const heartbeat = heartbeatOf(options);
  const serialize = options.serialize ?? ((event: StreamEvent) => JSON.stringify(event));
  const toFrame = (event: StreamEvent): string => sseFrame(serialize(event), `${event.runId}:${event.seq}`);
  if (heartbeat === false) return map(toFrame);
  return connect((events$) => {
    const end$ = events$.pipe(ignoreElements(), endWith('end'));
    return merge(events$.pipe(map(toFrame)), interval(heartbeat).pipe(map(() => heartbeatFrame), takeUntil(end$)));
  });
}
