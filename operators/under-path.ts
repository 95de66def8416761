import { filter, identity, map, type MonoTypeOperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';

/**
 * The events of one sub-agent, as if it were the run: what it says at its own path is at `path: []`.
 *
 * So every other operator works on a sub-agent: `pipe(underPath(['call_1']), textOnly())` is its text.
 *
 * ```
 * events:  -t-T-U-t-C-c|     t, c of the run; T, C at ['call_1'], U at ['call_1', 'call_2']
 *          underPath(['call_1'])
 * events:  ---T-U---C--|     T, C at [], U at ['call_2']
 * ```
 *
 * - An event that passes is a copy with a shorter `path`; all else of it is the same, `runId` and `seq` too, so that `seq`
 *   has gaps.
 * - `[]` is the run itself: the source is returned as it is.
 * - No sub-agent at the path: completes without a value.
 * - A sub-agent that fails ends with an `error` event like a run; `untilError()` behind this makes an Rx error of it.
 * - Completes with the source, not with the sub-agent.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { textOnly, underPath } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(event.text('I will ask.'), event.text('Which sea?', { path: ['call_1'] }), event.complete())
 *   .pipe(underPath(['call_1']), textOnly())
 *   .subscribe((text) => console.log(text));
 * // Logs:
 * // Which sea?
 * ```
 *
 * @see {@link topLevel} for the run without its sub-agents.
 * @param path the ids of the tool calls that lead to the sub-agent, outermost first.
 * @returns an operator that keeps the type of the stream.
 */
export function underPath<Event extends StreamEvent>(path: readonly string[]): MonoTypeOperatorFunction<Event> {
  if (path.length === 0) return identity;
  const isUnder = (event: Event): boolean => path.every((id, depth) => event.path[depth] === id);
  return (source) =>
    source.pipe(
      filter(isUnder),
      map((event) => ({ ...event, path: event.path.slice(path.length) })),
    );
}
