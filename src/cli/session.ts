import { catchError, defer, finalize, merge, of, reduce, take, tap, type Observable } from 'rxjs';
import { isTopLevel } from '../events/construct.js';
import type { StreamEvent } from '../events/events.js';
import type { Output } from './output.js';

/**
 * Shows a run and emits its exit code: 0, or 1 if it failed. Whatever `stops$` emits ends the run, by unsubscribing it,
 * with that code.
 */
export function exitCodeOf(events$: Observable<StreamEvent>, output: Output, stops$: Observable<number>): Observable<number> {
  return defer(() => {
    const ended$ = events$.pipe(
      tap((event) => output.event(event)),
      reduce((code, event) => (event.type === 'error' && isTopLevel(event) ? 1 : code), 0),
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
