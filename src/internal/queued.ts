import { Observable, queueScheduler, type SchedulerAction } from 'rxjs';

/**
 * Makes a source and subscribes it on `queueScheduler`: `defer` with `subscribeOn` in one, which keeps nothing of the
 * source or of the queue once it has been subscribed.
 */
export function queued<T>(make: () => Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const action = queueScheduler.schedule(function (this: SchedulerAction<unknown>) {
      this.unsubscribe();
      let source$: Observable<T>;
      try {
        source$ = make();
      } catch (error) {
        subscriber.error(error);
        return;
      }
      source$.subscribe(subscriber);
    });
    subscriber.add(action);
  });
}
