import { asyncScheduler, Observable, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs';
import type { Ending } from './answered.js';
import { Relay } from './relay.js';

/** What may follow the last event of a stream: the end of its body, and hardly more. */
const MOST_BYTES = 64 * 1024;
/** The end of a body is on its way when the last event has come; one that is not is not worth an open connection. */
const MOST_MS = 250;

const same = <T>(value: T): T => value;

/** Reads one body. Its subscriber closes it by `leave`, for it may read on after that. */
class DrainingRelay extends Relay<Uint8Array> {
  private left = MOST_BYTES;

  constructor(
    to: Subscriber<Uint8Array>,
    private readonly ending: Ending,
  ) {
    super(to, same);
  }

  // Whoever has the last event is not told how the rest ended: a source that tells all at once is not stopped by then.
  override next(chunk: Uint8Array): void {
    if (!this.ending.over) {
      super.next(chunk);
      return;
    }
    this.left -= chunk.length;
    if (this.left <= 0) this.unsubscribe();
  }

  override error(error: unknown): void {
    if (this.ending.over) this.unsubscribe();
    else super.error(error);
  }

  override complete(): void {
    if (this.ending.over) this.unsubscribe();
    else super.complete();
  }

  leave(): void {
    if (!this.ending.over) this.unsubscribe();
    else if (!this.closed) this.add(asyncScheduler.schedule(() => this.unsubscribe(), MOST_MS));
  }
}

/**
 * The same chunks. One that is unsubscribed when its answer is over goes on to read, for a moment and unheard, so that
 * the body can end and its connection serves the next request; a body that does not end is closed after that moment.
 * Unsubscribed before, it is closed at once.
 */
export function draining(ending: Ending): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    new Observable<Uint8Array>((subscriber) => {
      const relay = new DrainingRelay(subscriber, ending);
      const read = source.subscribe(relay);
      relay.add(read);
      subscriber.add(() => relay.leave());
    });
}
