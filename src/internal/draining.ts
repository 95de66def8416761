import { asyncScheduler, Observable, Subscription, type MonoTypeOperatorFunction } from 'rxjs';
import type { Ending } from './answered.js';

/** What may follow the last event of a stream: the end of its body, and hardly more. */
const MOST_BYTES = 64 * 1024;
/** The end of a body is on its way when the last event has come; one that is not is not worth an open connection. */
const MOST_MS = 250;

/**
 * The same chunks. One that is unsubscribed when its answer is over goes on to read, for a moment and unheard, so that
 * the body can end and its connection serves the next request; a body that does not end is closed after that moment.
 * Unsubscribed before, it is closed at once.
 */
export function draining(ending: Ending): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    new Observable<Uint8Array>((subscriber) => {
      let left = MOST_BYTES;
      const reading = new Subscription();
      // Whoever has the last event is not told how the rest ended: a source that tells all at once is not stopped by then.
      const read = source.subscribe({
        next: (chunk) => {
          if (!ending.over) {
            subscriber.next(chunk);
            return;
          }
          left -= chunk.length;
          if (left <= 0) reading.unsubscribe();
        },
        error: (error: unknown) => {
          if (ending.over) reading.unsubscribe();
          else subscriber.error(error);
        },
        complete: () => {
          if (ending.over) reading.unsubscribe();
          else subscriber.complete();
        },
      });
      reading.add(read);
      subscriber.add(() => {
        if (!ending.over) reading.unsubscribe();
        else if (!reading.closed) reading.add(asyncScheduler.schedule(() => reading.unsubscribe(), MOST_MS));
      });
    });
}
