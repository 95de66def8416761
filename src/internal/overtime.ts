import { asyncScheduler, Observable, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs';
import { Relay } from './relay.js';

/** Says of a source, while it is read, that it has told what it had to tell. */
export class Overtime {
  /** Set by who reads the source. */
  reader: { limit(): void } | undefined = undefined;

  begin(): void {
    this.reader?.limit();
  }
}

const same = <T>(value: T): T => value;

/** One function for all readers, so that a timer holds no other. */
function end(reader?: { complete(): void }): void {
  reader?.complete();
}

class LimitedRelay<T> extends Relay<T> {
  private isLimited = false;

  constructor(
    to: Subscriber<T>,
    private readonly most: number,
  ) {
    super(to, same);
  }

  /** Nothing is made for the limit before it begins. */
  limit(): void {
    if (this.isLimited) return;
    this.isLimited = true;
    if (!this.closed && !this.ended) this.add(asyncScheduler.schedule(end, this.most, this));
  }

  override error(error: unknown): void {
    if (this.isLimited) this.complete();
    else super.error(error);
  }
}

/**
 * The same values. Once `overtime` has begun the source can no longer fail, but completes instead, and it completes after
 * `most` milliseconds at the latest.
 */
export function limiting<T>(overtime: Overtime, most: number): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      const relay = new LimitedRelay(subscriber, most);
      overtime.reader = relay;
      subscriber.add(relay);
      relay.add(source.subscribe(relay));
    });
}
