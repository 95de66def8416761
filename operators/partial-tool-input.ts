import { connect, defer, filter, map, merge, mergeMap, type OperatorFunction } from 'rxjs';
import type { StreamEvent, StreamEventOf } from '../src/events/events.js';
import { partialInputs, type PartialToolInput } from './internal/partial-inputs.js';
import { isRunFailure, runErrorOf } from './internal/run-end.js';

/** Whether the event takes an attempt of the run's own back. */
function isDiscard(event: StreamEvent): event is StreamEventOf<'retry'> {
  return event.type === 'retry' && event.content.discard && event.path.length === 0;
}

/**
 * The input of each tool call of the run while the model still writes it: a value that can be shown, after every piece
 * that adds to it.
 *
 * For forms that fill themselves, editors that show a file as it is written, and previews of what is about to be asked.
 *
 * ```
 * events:  -a-d-d-A-m-c|     a tool_input_start, d tool_input_delta, A tool_use_start
 *          partialToolInput()
 * inputs:  -x-y-z-Z----|     x {}, y { city: 'Li' }, z { city: 'Lima' }, Z the same with done: true
 *
 * events:  -a-d-r-a-d-A|     r retry with discard
 *          partialToolInput()
 * inputs:  -x-y-R-x-y-Z|     R the last value of each call that is gone, with discarded: true
 *
 * events:  -a-d-e|           e error
 *          partialToolInput()
 * inputs:  -x-y-#            RunError
 * ```
 *
 * - Emits at a call's `tool_input_start` (the input is `{}`), at each `tool_input_delta` that shows more than before, and
 *   at its `tool_use_start`, with `done: true` and the input that the event carries. A delta that ends in the middle of
 *   a name, a number or an escape shows nothing new and emits nothing.
 * - What is shown of an input: open arrays and objects are closed, and a string is there as far as it has come. A number,
 *   `true`, `false` or `null` is there when it is whole, a member when its value begins. Half an escape and half a
 *   surrogate pair are held back.
 * - An `input` is plain JSON that is never changed later. From one value to the next, whatever has not changed is the same
 *   object; what has changed, and what it stands in, is a new one. The input of `done: true` is the event's own, and new
 *   in all its parts.
 * - The cost follows the bytes, whatever the input looks like: no text is read twice, and of the arrays and objects whose
 *   end has not come, which are copied for each value, no more is copied than has been paid for by characters. So an
 *   input that is wide where it grows is told less often: an object of thirty members or an array of 250 with every
 *   delta, an array of 1,000 items after some 60 characters, one of 10,000 after some 600. Long strings are not copied.
 * - JSON that turns out broken, or to hold what no event carries (a member called `__proto__`, more than 504 levels,
 *   `1e400`), shows nothing more. How it ended stands in the `done` value: its `inputError` says what was wrong, and its
 *   `input` is `{}`.
 * - A call that is cut before its end (by `max_tokens`) has no value with `done: true`.
 * - Calls that arrive side by side, and runs in one stream, are kept apart: go by `runId` and `id`.
 * - A `retry` with `discard` takes the calls of the abandoned attempt back, those that were `done` among them: each is
 *   told once more, as it was last, with `discarded: true`.
 * - No calls: completes without a value. Calls of a sub-agent (whose `path` is not empty) are left out.
 * - The run's `error` event becomes an Rx error, a `RunError` with the event's code.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { partialToolInput } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(
 *   event.toolInputStart('call_1', 'weather'),
 *   event.toolInputDelta('call_1', '{"city":"Li'),
 *   event.toolInputDelta('call_1', 'ma","days":'),
 *   event.toolInputDelta('call_1', '3}'),
 *   event.toolUse('call_1', 'weather', { city: 'Lima', days: 3 }),
 * )
 *   .pipe(partialToolInput())
 *   .subscribe(({ name, input, done }) => console.log(name, JSON.stringify(input), done));
 * // Logs:
 * // weather {} false
 * // weather {"city":"Li"} false
 * // weather {"city":"Lima"} false
 * // weather {"city":"Lima","days":3} false
 * // weather {"city":"Lima","days":3} true
 * ```
 *
 * @see {@link toolCalls} for each call when it is over.
 * @returns an operator from the events of a run, or of a provider's turn, to the growing inputs of its tool calls.
 */
export function partialToolInput(): OperatorFunction<StreamEvent, PartialToolInput> {
  return (source) =>
    defer(() => {
      const inputs = partialInputs();
      return source.pipe(
        connect((events) =>
          merge(
            events.pipe(
              map((event) => {
                if (isRunFailure(event)) throw runErrorOf(event);
                return inputs.take(event);
              }),
              filter((value) => value !== undefined),
            ),
            events.pipe(
              filter(isDiscard),
              mergeMap((event) => inputs.discard(event)),
            ),
          ),
        ),
      );
    });
}
