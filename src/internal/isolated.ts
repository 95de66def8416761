import { Observable, type Subscriber } from 'rxjs';
import { Relay } from './relay.js';

const same = <T>(value: T): T => value;

/** A relay whose source cannot break it by how it is torn down. */
class IsolatedRelay<T, R> extends Relay<T, R> {
  override unsubscribe(): void {
    try {
      super.unsubscribe();
    } catch {
      // What the application's teardown could not do is not for the run to repair.
    }
  }
}

/** What is tried, and what follows its failure. */
export interface Attempted<T> {
  /** The application's; where the making of it throws, that is the failure. */
  source(): Observable<T>;
  /** Told of each value before anybody else is; where it throws, that is the failure. */
  seen?(value: T): void;
  /** What takes over from a source that failed. */
  recover(error: unknown): Observable<T>;
}

/** A relay that has something else take over from a source that failed, once the source is torn down. */
class RecoveringRelay<T> extends IsolatedRelay<T, T> {
  private failure: { readonly error: unknown } | undefined = undefined;
  private subscribing = true;

  constructor(
    to: Subscriber<T>,
    private readonly attempt: Attempted<T>,
  ) {
    super(to, same);
  }

  override next(value: T): void {
    if (this.closed || this.ended) return;
    try {
      this.attempt.seen?.(value);
    } catch (error) {
      this.error(error);
      return;
    }
    this.to.next(value);
  }

  override error(error: unknown): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    this.failure = { error };
    this.unsubscribe();
    // What a synchronous source leaves behind is known when it has been subscribed.
    if (!this.subscribing) this.takeOver();
  }

  follow(): void {
    try {
      this.add(this.attempt.source().subscribe(this));
    } catch (error) {
      this.error(error);
    }
    this.subscribing = false;
    this.takeOver();
  }

  private takeOver(): void {
    if (this.failure === undefined || this.to.closed) return;
    let next$: Observable<T>;
    try {
      next$ = this.attempt.recover(this.failure.error);
    } catch (error) {
      this.to.error(error);
      return;
    }
    next$.subscribe(this.to);
  }
}

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
export function isolated<T>(source: Observable<T>, project: (value: T) => T = same, isLast?: (value: T) => boolean): Observable<T> {
  return new Observable<T>((subscriber) => {
    const relay = new IsolatedRelay(subscriber, project, isLast);
    subscriber.add(relay);
    relay.add(source.subscribe(relay));
  });
}

/**
 * An isolated source whose failure another one follows, as with `catchError`: all that one attempt needs in one
 * subscription. The failed source is torn down first.
 *
 * @param attempt makes what is tried, for one subscription; where it throws, that is an error like any other
 */
export function recovering<T>(attempt: () => Attempted<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const relay = new RecoveringRelay(subscriber, attempt());
    subscriber.add(relay);
    relay.follow();
  });
}
