import { Subscription, type Observer, type Subscriber } from 'rxjs';

/**
 * Stands between a source and the subscriber of an Observable that is made of it, at the price of one call a value: RxJS
 * takes what is an observer and a subscription as it is, where it puts three calls and a `try` around a plain observer.
 *
 * Give it to the subscriber before you subscribe the source with it: then it is closed as soon as the subscriber is, and
 * a source that emits synchronously stops in the middle of its values.
 */
export class Relay<T, R> extends Subscription implements Observer<T> {
  /** Whether the source, or its last value, has ended it; not by being unsubscribed. */
  ended = false;

  /**
   * @param to who subscribes
   * @param project what is handed on for a value; where it throws, the subscriber fails with that
   * @param isLast whether what was handed on is the last: the subscriber completes then
   */
  constructor(
    private readonly to: Subscriber<R>,
    private readonly project: (value: T) => R,
    private readonly isLast?: (value: R) => boolean,
  ) {
    super();
  }

  next(value: T): void {
    if (this.closed || this.ended) return;
    let handed: R;
    try {
      handed = this.project(value);
    } catch (error) {
      this.error(error);
      return;
    }
    this.to.next(handed);
    if (this.isLast?.(handed) === true) this.complete();
  }

  error(error: unknown): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    this.to.error(error);
  }

  complete(): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    this.to.complete();
  }
}
