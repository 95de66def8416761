import { defer, filter, map, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { partialOutputs, type PartialOutput } from './internal/partial-outputs.js';
import { isRunFailure, runErrorOf } from './internal/run-end.js';

/**
 * The value of an answer that is JSON while the model still writes it, after every piece that adds to it; at the end the
 * whole value, checked.
 *
 * For agents with an `output`: a page that shows the first items of a list while the others are written.
 *
 * ```
 * events:  -t-t-t-m-c|     t text_delta; m the model's message; c complete with the output
 *          partialOutput()
 * values:  -x-y-z---Z|     x {}, y { city: 'Li' }, z { city: 'Lima' }, Z the checked value, with done: true
 *
 * events:  -t-t-r-t-t-m-c|     r retry with discard
 *          partialOutput()
 * values:  -x-y-Y-x-y---Z|     Y the last value once more, with discarded: true
 *
 * events:  -t-t-e|         e error
 *          partialOutput()
 * values:  -x-y-#          RunError
 * ```
 *
 * - What is shown is a deep part of the whole: open arrays and objects are closed, and a string is there as far as it has
 *   come. A number, `true`, `false` or `null` is there when it is whole, a member when its value begins. A `text_delta`
 *   that shows nothing new emits nothing.
 * - Only a value with `done: true` has been checked: it is the `output` of the run's `complete`, and the last. A run that
 *   completes without one (`max_tokens`, a limit of the run) completes here without it.
 * - Each turn is read from its beginning: the text of one that goes on to call tools is no JSON and shows nothing, and an
 *   answer that is asked for again takes the place of the one before, with a higher `iteration`. A turn that was paused
 *   and resumed is one answer.
 * - JSON in a block of code is read as well as bare JSON. Text that is no JSON shows nothing from there on.
 * - An `output` is plain JSON that is never changed later. From one value to the next, whatever has not changed is the
 *   same object. The cost follows the bytes; a value that is wide where it grows is told less often, as with
 *   {@link partialToolInput}.
 * - A `retry` with `discard` takes back what the attempt has shown: it is told once more, with `discarded: true`.
 * - Runs in one stream are kept apart: go by `runId`. What sub-agents say is left out.
 * - The run's `error` event becomes an Rx error, a `RunError` with the event's code; `output` where no answer fitted.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { partialOutput } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(
 *   event.text('{"city":"Li'),
 *   event.text('ma","days":'),
 *   event.text('3}'),
 *   event.message('{"city":"Lima","days":3}'),
 *   event.complete({ output: { city: 'Lima', days: 3 } }),
 * )
 *   .pipe(partialOutput())
 *   .subscribe(({ output, done }) => console.log(JSON.stringify(output), done));
 * // Logs:
 * // {"city":"Li"} false
 * // {"city":"Lima"} false
 * // {"city":"Lima","days":3} false
 * // {"city":"Lima","days":3} true
 * ```
 *
 * @see {@link partialToolInput} for the inputs of tool calls.
 * @see {@link collectRun} for the checked value with everything else.
 * @returns an operator from the events of a run to the growing value of its answer.
 */
export function partialOutput(): OperatorFunction<StreamEvent, PartialOutput> {
  return (source) =>
    defer(() => {
      const outputs = partialOutputs();
      return source.pipe(
        map((event) => {
          if (isRunFailure(event)) throw runErrorOf(event);
          return outputs.take(event);
        }),
        filter((value) => value !== undefined),
      );
    });
}
