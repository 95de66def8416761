import { Observable } from 'rxjs';
import { Relay } from './relay.js';

/**
 * A source of the application's, kept from breaking what subscribes it: a teardown of its that throws is not heard, and a
 * synchronous one stops when it is unsubscribed in the middle of its values.
 *
 * RxJS lets an error in a teardown skip the teardowns after it, and so the step that would have followed.
 *
 * @param source the application's
 * @param project what is made of each value; where it throws, that is the failure
 * @param isLast whether it is over with this one, whatever would follow
 */
export function isolated<T>(source: Observable<T>): Observable<T>;
export function isolated<T, R>(source: Observable<T>, project: (value: T) => R, isLast?: (value: R) => boolean): Observable<R>;
export function isolated<T>(source: Observable<T>, project: (value: T) => T = (value) => value, isLast?: (value: T) => boolean): Observable<T> {
  return new Observable<T>((subscriber) => {
    const relay = new Relay(subscriber, project, isLast);
    subscriber.add(() => {
      try {
        relay.unsubscribe();
      } catch {
        // What the application's teardown could not do is not for the run to repair.
      }
    });
    relay.add(source.subscribe(relay));
  });
}
