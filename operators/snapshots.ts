import { defer, map, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { runSnapshots, type RunSnapshot } from './internal/run-snapshots.js';

/**
 * The state of the run after each event: its text and thinking so far, its tool calls and how they stand, what it has
 * cost, its sub-agents, and how it ended.
 *
 * For whatever draws a run rather than following its events: a component that is given one value, Angular's `toSignal`, a
 * store, an endpoint that is polled.
 *
 * ```
 * events:  -t-t-a-r-A-t-c|     t text_delta, a tool_use_start, r tool_progress, A tool_result, c complete
 *          snapshots()
 * states:  -1-2-3-4-5-6-7|     one for each event
 * ```
 *
 * - One value for each event. Where the event has changed nothing (a piece of a tool's input, say, which is not shown
 *   here), it is the same object, so that `distinctUntilChanged()` leaves it out.
 * - Nothing that was emitted is ever changed, and what has not changed is the same object in the next value: `calls`, each
 *   call in it, `agents`, each agent in it, `usage`, `end`. A view can compare by identity.
 * - The cost follows the bytes, however many calls and sub-agents there are. `calls` and `agents` are put into arrays when
 *   they are read, once.
 * - A `retry` with `discard` takes back what the abandoned attempt said and asked for; what it cost stays.
 * - A call that the model was still writing when its turn ended is `cut`, and will not run.
 * - A run that fails has its `error` event as `end`; it is not raised.
 * - Runs that follow each other in one stream: the first event of another `runId` begins a new state. Separate runs that
 *   flow side by side first, by `groupBy(({ runId }) => runId)`.
 * - Works on a provider's single turn too. No events: completes without a value.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { snapshots } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(
 *   event.text('Let'),
 *   event.text(' me add.'),
 *   event.toolUse('call_1', 'add', { a: 1, b: 2 }),
 *   event.toolResult('call_1', 'add', '3'),
 * )
 *   .pipe(snapshots())
 *   .subscribe(({ text, calls }) => console.log(`[${calls.map(({ name, status }) => `${name} ${status}`).join()}] ${text}`));
 * // Logs:
 * // [] Let
 * // [] Let me add.
 * // [add called] Let me add.
 * // [add done] Let me add.
 * ```
 *
 * @see {@link collectRun} for the whole run as one value, once.
 * @see {@link partialToolInput} for the input of a call while it is written.
 * @returns an operator from the events of runs, or of providers' turns, to the state after each.
 */
export function snapshots(): OperatorFunction<StreamEvent, RunSnapshot> {
  return (source) => defer(() => source.pipe(map(runSnapshots())));
}
