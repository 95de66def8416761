import { defer, filter, map, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import type { Usage } from '../src/messages/usage.js';
import { isCounted } from './internal/usage-book.js';
import { usageMeter } from './internal/usage-meter.js';

/**
 * What the run has cost so far, in tokens: a running total, sub-agents and abandoned attempts included.
 *
 * The last value is the run's total, however the run ends.
 *
 * ```
 * events:  -u-u-m-n-u-r-u-m-n-c|     u usage, m message, n iteration_end, r retry, c complete
 *          usageTotals()
 * totals:  -a-b-----c---d------|     only where the total has changed
 * ```
 *
 * - Emits after a `usage`, `retry`, `message` or `iteration_end` that changes the total. Within an attempt a `usage`
 *   replaces the one before it; a `retry` tells what the abandoned attempt cost; a turn's `message` tells what the turn
 *   cost (all that a provider without an agent may report); `iteration_end` has the last word on its iteration.
 * - `complete` is never added: it repeats what was counted.
 * - All paths count, several runs in one stream too. `raw` is `{}`: a sum has no counters of a provider.
 * - Nothing reported: completes without a value.
 * - A failed run completes here after its last total; its `error` event is not raised, so that
 *   `lastValueFrom(run.pipe(usageTotals()))` bills it.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { usageTotals } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([textTurn('Hello')]);
 * provider({ messages: [] })
 *   .pipe(usageTotals())
 *   .subscribe(({ inputTokens, outputTokens }) => console.log(inputTokens, 'in', outputTokens, 'out'));
 * // Logs:
 * // 10 in 5 out
 * ```
 *
 * @see {@link collectRun} for the total with everything else.
 * @returns an operator from the events of runs, or of providers' turns, to running totals.
 */
export function usageTotals(): OperatorFunction<StreamEvent, Usage> {
  return (source) =>
    defer(() => {
      const meter = usageMeter();
      return source.pipe(
        filter(isCounted),
        map((event) => meter.take(event)),
        filter((total) => total !== undefined),
      );
    });
}
