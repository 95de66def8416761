import { Observable, type Subscriber } from 'rxjs';

/** A value that is known later, or that there is none: an `AsyncSubject` for one subscriber. */
export class Later<T> {
  readonly value$: Observable<T> = new Observable<T>((subscriber) => {
    this.waiting = subscriber;
    if (this.known) this.tell();
  });
  private waiting: Subscriber<T> | undefined = undefined;
  private value: T | null = null;
  private known = false;

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
