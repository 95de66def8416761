import { Observable } from 'rxjs';

/**
 * Calls back once when the subscription ends, after the source has been torn down: `finalize`, but also at once where a
 * consumer unsubscribes in the middle of what a source emits while it is being subscribed. RxJS's own comes to it only
 * when that is over, and whoever subscribes again from within meets what the first subscription still holds.
 */
export function finalized<T>(source: Observable<T>, callback: () => void): Observable<T> {
  return new Observable<T>((subscriber) => {
    let subscribing = true;
    let told = false;
    const tell = (): void => {
      if (told) return;
      told = true;
      callback();
    };
    subscriber.add(() => {
      if (subscribing) tell();
    });
    subscriber.add(source.subscribe(subscriber));
    subscribing = false;
    subscriber.add(tell);
  });
}
