import { Observable, Subscription } from 'rxjs';
import { whileOpen } from './while-open.js';

/**
 * A source of the application's, kept from breaking what subscribes it: a teardown of its that throws is not heard, and a
 * synchronous one stops when it is unsubscribed in the middle of its values.
 *
 * RxJS lets an error in a teardown skip the teardowns after it, and so the step that would have followed.
 */
export function isolated<T>(source: Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const inner = new Subscription();
    subscriber.add(() => {
      try {
        inner.unsubscribe();
      } catch {
        // What the application's teardown could not do is not for the run to repair.
      }
    });
    inner.add(
      source.pipe(whileOpen(subscriber)).subscribe({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
}
