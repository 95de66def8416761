import { AsyncSubject, Subscription, type Observable } from 'rxjs';

/**
 * Subscribes at once and to the end, whether or not anybody stays for it. The only place that subscribes to something
 * that unsubscribing does not stop.
 *
 * @returns how it ends
 */
export function runDetached<T>(source: Observable<T>): Observable<T> {
  const settled$ = new AsyncSubject<T>();
  new Subscription().add(source.subscribe(settled$));
  return settled$;
}
