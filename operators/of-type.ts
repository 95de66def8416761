import { filter, type OperatorFunction } from 'rxjs';
import type { StreamEvent, StreamEventOf, StreamEventType } from '../src/events/events.js';

/**
 * The run's own events of the given types, and no others; the type of the stream is narrowed to them.
 *
 * A filter by tag: `ofType('tool_use_start', 'tool_result')` gives a stream in which the compiler knows both.
 *
 * ```
 * events:  -s-t-u-t-c|     s iteration_start, t text_delta, u usage, c complete
 *          ofType('usage', 'complete')
 * events:  -----u---c|
 * ```
 *
 * - Nothing fits: completes without a value.
 * - Events of sub-agents (whose `path` is not empty) are left out.
 * - An `error` event is an event like any other here: it passes if it was asked for, and is left out if not.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { ofType } from 'coldstream/operators';
 * import { scriptedProvider, toolTurn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'add', input: { a: 1, b: 2 } })]);
 * provider({ messages: [] })
 *   .pipe(ofType('tool_use_start'))
 *   .subscribe(({ content }) => console.log(content.name, JSON.stringify(content.input)));
 * // Logs:
 * // add {"a":1,"b":2}
 * ```
 *
 * @see {@link untilError} to fail where the run fails.
 * @param types one or more event types.
 * @returns an operator from events to the events of these types.
 */
export function ofType<const Types extends readonly [StreamEventType, ...StreamEventType[]]>(
  ...types: Types
): OperatorFunction<StreamEvent, StreamEventOf<Types[number]>> {
  const wanted: ReadonlySet<string> = new Set(types);
  return filter((event): event is StreamEventOf<Types[number]> => wanted.has(event.type) && event.path.length === 0);
}
