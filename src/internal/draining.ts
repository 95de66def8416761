import { asyncScheduler, Observable, takeWhile, type MonoTypeOperatorFunction } from 'rxjs';
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
      const isWanted = (): boolean => !subscriber.closed || (ending.over && left > 0);
      const reading = source.pipe(takeWhile(isWanted)).subscribe({
        next: (chunk) => {
          if (subscriber.closed) left -= chunk.length;
          else subscriber.next(chunk);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      subscriber.add(() => {
        if (!ending.over) reading.unsubscribe();
        else if (!reading.closed) reading.add(asyncScheduler.schedule(() => reading.unsubscribe(), MOST_MS));
      });
    });
}
