import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import type { Usage } from '../src/messages/usage.js';
import { reportUnhandled } from './internal/report-unhandled.js';
import { isCounted } from './internal/usage-book.js';
import { usageMeter } from './internal/usage-meter.js';

/**
 * Tells what a stream has cost when it is over, exactly once for each subscription, however it ends: by completing, by an
 * error, or by being unsubscribed.
 *
 * For billing and budgets. A run that a user stops has cost tokens too, and there is no event that could say so.
 *
 * ```
 * events:  -u-m-n-c|       u usage, m message, n iteration_end, c complete
 *          tapUsage(bill)
 * events:  -u-m-n-c|
 * bill:    --------x       x the total
 *
 * events:  -u---u---u      unsubscribed at !
 *          -------!
 * bill:    -------x        x what was reported up to there
 * ```
 *
 * - The total is that of `usageTotals`: all paths, abandoned attempts included; `null` where nothing was reported. What a
 *   model reports at the end of its turn only is not in it when the turn is cut.
 * - Called before the completion or the error is passed on, and after the source was stopped by unsubscribing.
 * - Events pass as they are. Nothing at all: called with `null`.
 * - `report` that throws fails a stream that completes, and takes the place of an error; it is not called again. Where
 *   there is nobody left to tell, because the stream was unsubscribed, RxJS reports the error as one that nobody handles.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { take } from 'rxjs';
 * import { tapUsage } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([textTurn('Hello'), textTurn('Hello')]);
 * const turn$ = provider({ messages: [] }).pipe(tapUsage((usage) => console.log(usage?.outputTokens ?? 'nothing', 'out')));
 * turn$.subscribe();
 * turn$.pipe(take(1)).subscribe();
 * // Logs:
 * // 5 out
 * // nothing out
 * ```
 *
 * @see {@link usageTotals} for the totals as they grow.
 * @param report what is told.
 * @returns an operator that keeps the type of the stream.
 */
export function tapUsage<Event extends StreamEvent>(report: (usage: Usage | null) => void): MonoTypeOperatorFunction<Event> {
  return (source) =>
    defer(() => {
      const meter = usageMeter();
      const tell = (): void => report(meter.total());
      return source.pipe(
        tap({
          next: (event) => {
            if (isCounted(event)) meter.take(event);
          },
          complete: tell,
          error: tell,
          unsubscribe: () => {
            try {
              tell();
            } catch (error) {
              reportUnhandled(error);
            }
          },
        }),
      );
    });
}
