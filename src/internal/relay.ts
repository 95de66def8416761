import { Subscription, type Observer, type Subscriber, type TeardownLogic } from 'rxjs';

/** Does what a teardown does; RxJS takes the same three forms. */
function tearDown(teardown: TeardownLogic): void {
  if (typeof teardown === 'function') teardown();
  else teardown?.unsubscribe();
}

/**
 * Stands between a source and the subscriber of an Observable that is made of it, at the price of one call a value: RxJS
 * takes what is an observer and a subscription as it is, where it puts three calls and a `try` around a plain observer.
 *
 * It is a subscription in form only, since one of RxJS's own holds a list, with room for 17, where nearly all have one
 * thing to tear down: with some ten of them over an open stream that is kibibytes.
 *
 * Give it to the subscriber before you subscribe the source with it: then it is closed as soon as the subscriber is, and
 * a source that emits synchronously stops in the middle of its values.
 */
export class Relay<T, R = T> implements Observer<T> {
  /** Whether it was unsubscribed. */
  closed = false;
  /** Whether the source, or its last value, has ended it; not by being unsubscribed. */
  ended = false;
  /** What is torn down with it, the first; more than one are rare. */
  private first: TeardownLogic = undefined;
  private others: Subscription | undefined = undefined;

  /**
   * @param to who subscribes
   * @param project what is handed on for a value; where it throws, the subscriber fails with that
   * @param isLast whether what was handed on is the last: the subscriber completes then
   */
  constructor(
    protected readonly to: Subscriber<R>,
    private readonly project: (value: T) => R,
    private readonly isLast?: (value: R) => boolean,
  ) {}

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

  /** Tears it down when this is unsubscribed; at once if it was. */
  add(teardown: TeardownLogic): void {
    if (teardown === undefined || teardown === this || teardown === this.first) return;
    if (teardown instanceof Subscription && teardown.closed) return;
    if (this.closed) tearDown(teardown);
    else if (this.first === undefined) this.first = teardown;
    else (this.others ??= new Subscription()).add(teardown);
  }

  /** Takes it off the list again. */
  remove(teardown: Exclude<TeardownLogic, void>): void {
    if (this.first === teardown) this.first = undefined;
    else this.others?.remove(teardown);
  }

  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    const first = this.first;
    const others = this.others;
    this.first = undefined;
    this.others = undefined;
    try {
      tearDown(first);
    } finally {
      others?.unsubscribe();
    }
  }
}
