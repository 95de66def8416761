import { Observable } from 'rxjs';
import { handOn } from './handing-on.js';

const ignore = (): void => undefined;

/**
 * An async iterable as a cold Observable that calls the iterator's `return()` when it is unsubscribed.
 *
 * `from(asyncIterable)` does not: it waits for the next value before it notices, so a source that hangs leaks for ever.
 * The iterator is asked for one value at a time, after the consumer has taken the one before.
 */
export function fromAsyncIterable<T>(iterable: AsyncIterable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const iterator = iterable[Symbol.asyncIterator]();
    let ended = false;
    const fail = (error: unknown): void => {
      ended = true;
      subscriber.error(error);
    };
    const take = (step: IteratorResult<T>): void => {
      if (step.done === true) {
        ended = true;
        subscriber.complete();
        return;
      }
      if (!handOn(() => subscriber.next(step.value), goOn)) goOn();
    };
    const goOn = (): void => {
      if (!subscriber.closed) pull();
    };
    // Inside a promise, what an iterator throws at once is the same as what it rejects with.
    const pull = (): void => {
      new Promise<IteratorResult<T>>((resolve) => resolve(iterator.next())).then(take, fail);
    };
    subscriber.add(() => {
      if (!ended) new Promise((resolve) => resolve(iterator.return?.())).then(ignore, ignore);
    });
    pull();
  });
}
