import { Observable, type OperatorFunction } from 'rxjs';
import { inOneMoment } from './clock.js';
import { whileOpen } from './while-open.js';

/** Turns chunks into values; one per subscription, since it holds what is left of the last chunk. */
export interface Decoder<Chunk, Value> {
  /** Emits what the chunk completes. Returns true when the terminal value has been emitted: nothing more is read. */
  push(chunk: Chunk, emit: (value: Value) => void): boolean;
  /** Called when the source ends before the terminal value; throws what that means. */
  end(emit: (value: Value) => void): void;
  /** Says what a failure of the source means at this point of the stream. */
  fail(error: unknown): unknown;
}

/**
 * Decodes a source of chunks. All values of one chunk are emitted synchronously, in one burst, with no promise in
 * between, and at one moment of the clock; values before a fault in a chunk are delivered before the error. Completes at
 * the terminal value even if the source stays open, and so closes it.
 */
export function decode<Chunk, Value>(createDecoder: () => Decoder<Chunk, Value>): OperatorFunction<Chunk, Value> {
  return (source) =>
    new Observable<Value>((subscriber) => {
      const decoder = createDecoder();
      const emit = (value: Value): void => subscriber.next(value);
      const guarded = (work: () => boolean): void => {
        try {
          if (work()) subscriber.complete();
        } catch (error) {
          subscriber.error(error);
        }
      };
      subscriber.add(
        source.pipe(whileOpen(subscriber)).subscribe({
          next: (chunk) => inOneMoment(() => guarded(() => decoder.push(chunk, emit))),
          error: (error: unknown) => subscriber.error(decoder.fail(error)),
          complete: () =>
            guarded(() => {
              decoder.end(emit);
              return true;
            }),
        }),
      );
    });
}
