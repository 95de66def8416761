import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { isRunFailure, runErrorOf } from './internal/run-end.js';

/**
 * Takes a run back to the Rx error channel: its `error` event becomes an Rx error.
 *
 * A run tells of its failure by its last event and then completes. Where `retry`, `catchError` or `firstValueFrom` should
 * see the failure, put this before them.
 *
 * ```
 * events:  -s-t-e|         s iteration_start, t text_delta, e error
 *          untilError()
 * events:  -s-t-#          RunError
 * ```
 *
 * - Without an `error` event the stream passes as it is.
 * - The `error` event itself is not passed on: the `RunError` has its message, `code`, `retryable` and `partial`.
 * - The `error` of a sub-agent (whose `path` is not empty) is an event like any other.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { catchError, of } from 'rxjs';
 * import { untilError } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(event.text('Hel'), event.error('Overloaded'))
 *   .pipe(
 *     untilError(),
 *     catchError(() => of(event.text('… sorry'))),
 *   )
 *   .subscribe(({ type }) => console.log(type));
 * // Logs:
 * // text_delta
 * // text_delta
 * ```
 *
 * @see {@link textOnly} and {@link finalText}, which do this by themselves.
 * @returns an operator that keeps the type of the stream.
 */
export function untilError<Event extends StreamEvent>(): MonoTypeOperatorFunction<Event> {
  return map((event) => {
    if (isRunFailure(event)) throw runErrorOf(event);
    return event;
  });
}
