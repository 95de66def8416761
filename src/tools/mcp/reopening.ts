import { defer, retry, tap, throwError, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { longestTimer, now } from '../../internal/clock.js';

/** How soon something is opened again that ended by itself. */
export interface ReopeningDelay {
  /** The first pause, in milliseconds; each one after it is twice as long. */
  readonly initial: number;
  /** The longest pause, in milliseconds. */
  readonly max: number;
}

/** What is known of a source that failed, and is opened again after a pause. */
export interface Reopening {
  readonly error: unknown;
  /** How many times in a row it has failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
}

interface ReopeningRules<T> extends ReopeningDelay {
  /** Whether the failure is final. */
  readonly isFinal: (error: unknown) => boolean;
  /** Whether the value shows that the source works, so that the next pause is the first again. */
  readonly proves: (value: T) => boolean;
  /** The least pause at the moment, in milliseconds. */
  readonly least?: () => number;
  readonly onPause: (reopening: Reopening) => void;
}

/**
 * Opens a source again when it fails, after pauses that grow to a limit. They begin anew once the source has shown that
 * it works, or has stayed open for as long as the longest pause: one that opens and fails at once is no reason.
 *
 * ```text
 * source       a#       a#          a#
 * reopening    a--------a-----------a----   pauses of 1, 2, 4 … up to the limit
 * ```
 */
export function reopening<T>({ initial, max, isFinal, proves, least, onPause }: ReopeningRules<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      let failures = 0;
      let opened = now();
      return source.pipe(
        tap({
          subscribe: () => {
            opened = now();
          },
          next: (value) => {
            if (proves(value)) failures = 0;
          },
        }),
        retry({
          delay: (error: unknown) => {
            if (isFinal(error)) return throwError(() => error);
            if (now() - opened >= max) failures = 0;
            const delayMs = Math.min(Math.max(least?.() ?? 0, Math.min(max, initial * 2 ** failures)), longestTimer);
            failures += 1;
            onPause({ error, attempt: failures, delayMs });
            return timer(delayMs);
          },
        }),
      );
    });
}
