import { defer, finalize, map, repeat, takeWhile, tap, type Observable } from 'rxjs';

const ignore = (): void => undefined;

function hasValue<T>(step: IteratorResult<T>): step is IteratorYieldResult<T> {
  return step.done !== true;
}

/**
 * An async iterable that is told when it is unsubscribed, at once. What `from` makes of one learns of it when the next value
 * comes, which may be never.
 */
export function fromAsyncIterable<T>(iterable: AsyncIterable<T>): Observable<T> {
  return defer(() => {
    const iterator = iterable[Symbol.asyncIterator]();
    let ended = false;
    const over = (): void => {
      ended = true;
    };
    return defer(() => iterator.next()).pipe(
      repeat(),
      takeWhile(hasValue),
      map(({ value }) => value),
      tap({ complete: over, error: over }),
      finalize(() => {
        // Inside a promise, what it throws is the same as what it rejects with.
        if (!ended) new Promise((resolve) => resolve(iterator.return?.())).then(ignore, ignore);
      }),
    );
  });
}
