import type { OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { deltas } from './internal/deltas.js';

/**
 * The answer's text, piece by piece, as the model writes it.
 *
 * Everything else (thinking, tools, usage, what sub-agents say) is left out. A failure is not: text that stops half-way
 * and completes would look like an answer.
 *
 * ```
 * events:  -s-t-t-m-c|     s iteration_start, t text_delta, m message, c complete
 *          textOnly()
 * text:    ---t-t----|
 *
 * events:  -t-t-e|         e error
 * text:    -t-t-#          RunError
 *
 * events:  -t-r            r retry with discard
 * text:    -t-#            DiscardedError
 * ```
 *
 * - No text: completes without a value.
 * - The run's `error` event becomes an Rx error, a `RunError` with the event's code.
 * - A `retry` that discards what this attempt has written is a `DiscardedError`: text cannot be taken back here. Use
 *   the events themselves where retries should be shown. A retry before the first text goes unseen.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { textOnly } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([textTurn('Hel', 'lo')]);
 * provider({ messages: [] }).pipe(textOnly()).subscribe((text) => console.log(text));
 * // Logs:
 * // Hel
 * // lo
 * ```
 *
 * @see {@link finalText} for the whole answer at once.
 * @see {@link thinkingOnly} for the model's thinking.
 * @returns an operator from the events of a run, or of a provider's turn, to text.
 */
export function textOnly(): OperatorFunction<StreamEvent, string> {
  return deltas('text_delta');
}
