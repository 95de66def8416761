import { concatWith, defer, ignoreElements, of, takeWhile, tap, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { isRunEnd } from './internal/run-end.js';
import { runCollector, type CollectedRun } from './internal/run-collector.js';

/**
 * Everything about a run as one value, when the run is over: its events, text, tool calls, usage, messages and, if it
 * failed, its error.
 *
 * For logs, tests and batch work: unlike `finalText` it does not fail where the run failed.
 *
 * ```
 * events:  -s-t-t-m-n-c|      s iteration_start, t text_delta, m message, n iteration_end, c complete
 *          collectRun()
 * run:     -----------(x|)    x the whole run
 *
 * events:  -s-t-e|            e error
 * run:     -----(x|)          x.error says why, x.text is what came before
 * ```
 *
 * - Emits exactly once: at the run's `complete` or `error`, or when the source completes without one (a provider used
 *   alone, or nothing at all: then everything in it is empty).
 * - `events` are all events, sub-agents' too; text, thinking, tool calls, messages and the end are the run's own; usage
 *   covers all paths.
 * - Errors of the source pass, and what was collected goes with them; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { collectRun } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([textTurn('Hel', 'lo')]);
 * provider({ messages: [] })
 *   .pipe(collectRun())
 *   .subscribe(({ text, stopReason, events }) => console.log(text, stopReason, events.length));
 * // Logs:
 * // Hello end_turn 4
 * ```
 *
 * @see {@link finalText} where only the answer matters.
 * @returns an operator from the events of a run, or of a provider's turn, to one `CollectedRun`.
 */
export function collectRun(): OperatorFunction<StreamEvent, CollectedRun> {
  return (source) =>
    defer(() => {
      const run = runCollector();
      return source.pipe(
        tap((event) => run.take(event)),
        takeWhile((event) => !isRunEnd(event)),
        ignoreElements(),
        concatWith(defer(() => of(run.result()))),
      );
    });
}
