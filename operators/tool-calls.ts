import { defer, filter, map, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { isRunFailure, runErrorOf } from './internal/run-end.js';
import { isOfCalls, toolCallLog, type FinishedToolCall } from './internal/tool-call-log.js';

/**
 * One value for each tool call of the run, when it is over: what was asked, what came back, how long it took.
 *
 * Calls that run side by side come in the order in which they end.
 *
 * ```
 * events:  -a-b-p-B-A-c|     a, b tool_use_start; p tool_progress; A, B tool_result and tool_use_end
 *          toolCalls()
 * calls:   -------y-x--|     y the call b, x the call a
 * ```
 *
 * - A call that failed has `isError: true`; one whose JSON was invalid has `inputError` too. A tool that fails does not
 *   fail the run.
 * - No calls: completes without a value. A provider without an agent asks for tools and runs none: no value either.
 * - Calls of a sub-agent (whose `path` is not empty) are left out; so are calls that a `retry` with `discard` dropped.
 * - The run's `error` event becomes an Rx error, a `RunError` with the event's code.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { toolCalls } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(
 *   event.toolUse('call_1', 'add', { a: 1, b: 2 }),
 *   event.toolResult('call_1', 'add', '3', { durationMs: 12 }),
 *   event.toolUseEnd('call_1', 'add'),
 * )
 *   .pipe(toolCalls())
 *   .subscribe(({ name, input, durationMs }) => console.log(name, JSON.stringify(input), durationMs));
 * // Logs:
 * // add {"a":1,"b":2} 12
 * ```
 *
 * @see {@link collectRun} for all calls at once.
 * @returns an operator from the events of a run to its tool calls.
 */
export function toolCalls(): OperatorFunction<StreamEvent, FinishedToolCall> {
  return (source) =>
    defer(() => {
      const take = toolCallLog();
      return source.pipe(
        filter(isOfCalls),
        map((event) => {
          if (isRunFailure(event)) throw runErrorOf(event);
          return take(event);
        }),
        filter((call) => call !== undefined),
      );
    });
}
