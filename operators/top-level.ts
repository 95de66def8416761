import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { isTopLevel } from '../src/events/construct.js';
import type { StreamEvent } from '../src/events/events.js';

/**
 * The run's own events, without those of its sub-agents.
 *
 * For what looks at events itself, by `map` or `scan`; the operators of this package that speak of a run leave sub-agents
 * out already.
 *
 * ```
 * events:  -s-t-T-E-t-c|     s iteration_start, t text_delta, c complete; T, E the same of a sub-agent
 *          topLevel()
 * events:  -s-t-----t-c|
 * ```
 *
 * - Events pass as they are, an `error` event too; `seq` has gaps where events of sub-agents stood.
 * - Nothing of the run's own: completes without a value.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { topLevel } from 'coldstream/operators';
 * import { event } from 'coldstream/testing';
 *
 * of(event.text('I will ask.'), event.text('Which sea?', { path: ['call_1'] }), event.text('The Aral Sea.'))
 *   .pipe(topLevel())
 *   .subscribe(({ content }) => console.log(content));
 * // Logs:
 * // I will ask.
 * // The Aral Sea.
 * ```
 *
 * @see {@link underPath} for the events of one sub-agent.
 * @returns an operator that keeps the type of the stream.
 */
export function topLevel<Event extends StreamEvent>(): MonoTypeOperatorFunction<Event> {
  return filter((event) => isTopLevel(event));
}
