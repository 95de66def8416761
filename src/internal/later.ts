import { Observable, type Subscriber } from 'rxjs';

/** A value that is known later, or that there is none: an `AsyncSubject` for one subscriber. */
export class Later<T> {
  private waiting: Subscriber<T> | undefined = undefined;
  private value: T | null = null;
  private known = false;

  /** Made for each subscriber, so that nothing but the subscriber waits. */
  asked(): Observable<T> {
    return new Observable<T>((subscriber) => {
      this.waiting = subscriber;
      if (this.known) this.tell();
    });
  }

  /** Says what it is; null for none. */
  settle(value: T | null): void {
    this.value = value;
    this.known = true;
    this.tell();
  }

  private tell(): void {
    const { waiting, value } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    if (value !== null) waiting.next(value);
    waiting.complete();
  }
}
