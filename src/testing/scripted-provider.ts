import { concatMap, defer, from, map, throwError, timer, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { now } from '../internal/clock.js';
import type { ModelRequest, Provider } from '../provider.js';

/**
 * One answer of a scripted provider: events that come at once, an Observable of events (`m.cold(…)`), an Error to fail
 * with, or a function of the request that gives one of these.
 */
export type ScriptedTurn = readonly StreamEvent[] | Observable<StreamEvent> | Error | ((request: ModelRequest) => ScriptedTurn);

/** How a scripted provider keeps time, in milliseconds (virtual in a marble test). */
export interface ScriptedProviderOptions {
  /** Before the turn begins; default 0: at once, synchronously. */
  readonly latency?: number;
  /** Before each event of a turn that is an array; default 0: all in one burst. */
  readonly pace?: number;
}

/** A provider that answers from a script and remembers what it was asked. */
export interface ScriptedProvider extends Provider {
  /** What it was asked, in order; a retry asks again. */
  readonly requests: readonly ModelRequest[];
  /** Throws unless each turn was asked for exactly once. */
  assertConsumed(): void;
}

function isEventList(turn: ScriptedTurn): turn is readonly StreamEvent[] {
  return Array.isArray(turn);
}

function playList(events: readonly StreamEvent[], pace: number): Observable<StreamEvent> {
  return pace === 0 ? from(events) : from(events).pipe(concatMap((event) => timer(pace).pipe(map(() => event))));
}

function play(turn: ScriptedTurn, request: ModelRequest, pace: number): Observable<StreamEvent> {
  if (typeof turn === 'function') return defer(() => play(turn(request), request, pace));
  if (turn instanceof Error) return throwError(() => turn);
  if (isEventList(turn)) return playList(turn, pace);
  return turn;
}

/** The events as the asked step's own: its run, path and iteration, numbered from 0, at the clock's time. */
function stamped(turn$: Observable<StreamEvent>, { runId, path, iteration }: ModelRequest): Observable<StreamEvent> {
  const step = {
    ...(runId === undefined ? {} : { runId }),
    ...(path === undefined ? {} : { path }),
    ...(iteration === undefined ? {} : { iteration }),
  };
  return turn$.pipe(map((event, seq) => ({ ...event, ...step, seq, timestamp: now() })));
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/**
 * A provider that answers the first request with the first turn, the second with the second, and so on. A turn is taken
 * when a request is subscribed; a request without a turn fails.
 *
 * ```ts
 * const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'clock' }), textTurn('It is ', 'noon.')]);
 * ```
 */
export function scriptedProvider(turns: readonly ScriptedTurn[], { latency = 0, pace = 0 }: ScriptedProviderOptions = {}): ScriptedProvider {
  const requests: ModelRequest[] = [];
  const answer = (request: ModelRequest): Observable<StreamEvent> =>
    defer(() => {
      const asked = requests.push(request);
      const missing = new Error(`scriptedProvider has ${count(turns.length, 'turn')}, but this is request ${asked}.`);
      const played$ = stamped(play(turns[asked - 1] ?? missing, request, pace), request);
      return latency === 0 ? played$ : timer(latency).pipe(concatMap(() => played$));
    });
  return Object.assign(answer, {
    requests,
    assertConsumed: () => {
      if (requests.length !== turns.length) {
        throw new Error(`scriptedProvider has ${count(turns.length, 'turn')}, but got ${count(requests.length, 'request')}.`);
      }
    },
  });
}

