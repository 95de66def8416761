import {
  asyncScheduler,
  concatMap,
  defer,
  dematerialize,
  EMPTY,
  exhaustMap,
  from,
  materialize,
  of,
  repeat,
  tap,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { ConfigurationError } from '../src/errors/errors.js';
import type { StreamEvent } from '../src/events/events.js';
import { fromAsyncIterable } from './internal/from-async-iterable.js';
import { PacedQueue } from './internal/pace.js';

/** How recorded events are played. */
export interface ReplayOptions {
  /** How many times as fast as they were; default 1. `Infinity` plays all at once. */
  readonly speed?: number;
}

function isAsyncIterable(events: ObservableInput<StreamEvent>): events is AsyncIterable<StreamEvent> {
  return Symbol.asyncIterator in events;
}

/** Events at their times: each is queued when it is read, and one timer serves all that wait. */
function paced(events$: Observable<StreamEvent>, speed: number): Observable<StreamEvent> {
  const queue = new PacedQueue(speed);
  const due$ = defer(() => {
    const wait = queue.wait(asyncScheduler.now());
    return wait === 0 ? from(queue.take(asyncScheduler.now())) : timer(wait).pipe(concatMap(() => queue.take(asyncScheduler.now())));
  });
  return events$.pipe(
    materialize(),
    tap((notification) => queue.push(notification, asyncScheduler.now())),
    exhaustMap(() => due$.pipe(repeat({ delay: () => (queue.isEmpty ? EMPTY : of(true)) }))),
    dematerialize(),
  );
}

/**
 * Plays recorded events as a source, as far apart as their timestamps say, or faster.
 *
 * A run that was recorded once can be shown again, tested without a model, and read by every operator.
 *
 * ```
 * recorded:  a-b-----c         the events by their timestamps
 *          replay(recorded, { speed: 1 })
 * events:    a-b-----(c|)
 *          replay(recorded, { speed: 2 })
 * events:    ab--(c|)
 *          replay(recorded, { speed: Infinity })
 * events:    (abc|)
 * ```
 *
 * - The first event comes at once, and each other one when its time has come, counted from the first: a slow consumer does
 *   not move the rest. What is overdue comes at once, and an event whose timestamp lies before that of its predecessor
 *   with it. In a marble test all of it is virtual.
 * - `events` is anything that rxjs can observe: an array, an iterable, a promise or an Observable of events, an async
 *   iterable (which is told when it is left). It is read as fast as it comes, and read again for each subscription: an
 *   array can be played as often as you like, a generator that has run cannot.
 * - Events pass as they are, with the timestamps and ids of the recording. They are not checked: decode what comes from
 *   outside with `StreamEvent` first.
 * - No events: completes at once. A run that failed ends with its `error` event, and completes.
 * - Errors of the source come after the events before them; unsubscribing stops the source and the timer.
 *
 * @example
 * ```ts
 * import { finalText, replay } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * const recorded = [event.text('Hel', { timestamp: 1_000 }), event.text('lo', { timestamp: 61_000 }), event.complete({ timestamp: 61_000 })];
 * replay(recorded, { speed: Infinity }).pipe(finalText()).subscribe((text) => console.log(text));
 * // Logs:
 * // Hello
 * ```
 *
 * @see {@link recordTo} for the way there.
 * @param events what was recorded.
 * @param options `speed`: how many times as fast as it was, default 1; `Infinity` for all at once.
 * @returns the events, for each subscription from the first on.
 * @throws ConfigurationError for a speed that is not above 0.
 */
export function replay(events: ObservableInput<StreamEvent>, options: ReplayOptions = {}): Observable<StreamEvent> {
  const { speed = 1 } = options;
  if (!(speed > 0)) throw new ConfigurationError(`speed must be a number above 0, not ${String(speed)}.`);
  return defer(() => {
    const events$ = isAsyncIterable(events) ? fromAsyncIterable(events) : from(events);
    return speed === Infinity ? events$ : paced(events$, speed);
  });
}
