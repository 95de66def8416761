import { catchError, defer, finalize, map, merge, of, reduce, take, tap, type Observable } from 'rxjs';
import { isTerminal, isTopLevel } from '../events/construct.js';
import type { StreamEvent } from '../events/events.js';
import type { Output } from './output.js';

/** Adds what an event says of the exit code: nothing, until a run is over. */
function withEvent(code: number | null, event: StreamEvent): number | null {
  if (!isTerminal(event) || !isTopLevel(event)) return code;
  return event.type === 'error' ? 1 : (code ?? 0);
}

/**
 * Shows a run and emits its exit code: 0, or 1 if it failed. Events that end before the run did are a failure too, told
 * as `unfinished`. Whatever `stops$` emits ends the run, by unsubscribing it, with that code.
 */
export function exitCodeOf(
  events$: Observable<StreamEvent>,
  output: Output,
  stops$: Observable<number>,
  unfinished = 'The run ended without a result.',
): Observable<number> {
  return defer(() => {
    const ended$ = events$.pipe(
      tap((event) => output.event(event)),
      reduce(withEvent, null),
      map((code) => {
        if (code === null) throw new Error(unfinished);
        return code;
      }),
      catchError((error: unknown) => {
        output.failure(error);
        return of(1);
      }),
    );
    return merge(stops$, ended$).pipe(
      take(1),
      finalize(() => output.close()),
    );
  });
}
