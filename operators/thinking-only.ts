import type { OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { deltas } from './internal/deltas.js';

/**
 * The model's visible thinking, piece by piece.
 *
 * What `textOnly` is for the answer, for the thinking before it; the same rules hold for failures.
 *
 * ```
 * events:  -h-h-t-m-c|     h thinking, t text_delta, m message, c complete
 *          thinkingOnly()
 * text:    -h-h------|
 * ```
 *
 * - No thinking: completes without a value. Redacted thinking is not text and stands in `message` alone.
 * - The run's `error` event becomes an Rx error, a `RunError` with the event's code.
 * - A `retry` that discards what this attempt has thought is a `DiscardedError`.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { thinkingOnly } from 'coldstream/operators';
 * import { scriptedProvider, turn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([turn({ thinking: ['A greeting.'], text: ['Hello'] })]);
 * provider({ messages: [] }).pipe(thinkingOnly()).subscribe((text) => console.log(text));
 * // Logs:
 * // A greeting.
 * ```
 *
 * @see {@link textOnly}
 * @returns an operator from the events of a run, or of a provider's turn, to the text of the thinking.
 */
export function thinkingOnly(): OperatorFunction<StreamEvent, string> {
  return deltas('thinking');
}
