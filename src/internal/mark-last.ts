import { asyncScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs';
import { whileOpen } from './while-open.js';

/** A value, and whether the source completed right after it. */
export interface MarkedValue<T> {
  readonly value: T;
  readonly last: boolean;
}

/**
 * Tells a source's last value from the ones before it, without holding the others back: a value passes as "not last" as
 * soon as another follows or the source lets a tick go by without completing. When the source completes, its latest
 * value is emitted as the last, `initial` if it had none.
 *
 * ```
 * source      --a----b---(c|)
 * markLast()  --a----b---(C|)      small: not last, capital: last
 * ```
 *
 * @param counts whether a value can be the last one; a value that cannot passes at once
 * @param initial the last value of a source that has none
 */
export function markLast<T>(counts: (value: T) => boolean, initial: T): OperatorFunction<T, MarkedValue<T>> {
  return (source) =>
    new Observable<MarkedValue<T>>((subscriber) => {
      let latest = { value: initial, shown: true };
      let tick: Subscription | undefined;
      let subscribing = true;
      const show = (): void => {
        if (latest.shown) return;
        latest.shown = true;
        subscriber.next({ value: latest.value, last: false });
      };
      // One tick serves all values of a burst: it shows the one that is the latest by then.
      const showNextTick = (): void => {
        if (tick === undefined || tick.closed) tick = asyncScheduler.schedule(show, 0);
      };
      subscriber.add(() => tick?.unsubscribe());
      subscriber.add(
        source.pipe(whileOpen(subscriber)).subscribe({
          next: (value) => {
            show();
            if (!counts(value)) {
              subscriber.next({ value, last: false });
              return;
            }
            latest = { value, shown: false };
            if (!subscribing) showNextTick();
          },
          error: (error: unknown) => {
            show();
            subscriber.error(error);
          },
          complete: () => {
            subscriber.next({ value: latest.value, last: true });
            subscriber.complete();
          },
        }),
      );
      subscribing = false;
      // Not before: most tools give one value and are done, at once.
      if (!latest.shown && !subscriber.closed) showNextTick();
    });
}
