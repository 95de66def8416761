import { concatWith, defer, EMPTY, ignoreElements, of, takeWhile, tap, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { foldAnswer } from './internal/answer.js';
import { isRunEnd, isRunFailure, runErrorOf } from './internal/run-end.js';

/**
 * The run's answer as one string, when the run is over.
 *
 * `firstValueFrom(ask('…').pipe(finalText()))` is the whole call where nothing has to be shown on the way.
 *
 * ```
 * events:  -t-t-m-T-M-t-t-m-c|     t text_delta; m the model's message; T, M tools and their results' message
 *          finalText()
 * text:    -----------------(x|)   x the text of the second m
 * ```
 *
 * - The answer is the text of the model's last message: its text blocks joined, together with the message before where
 *   the turn was paused and resumed. What the model said in earlier turns, before its tools ran, is not part of it.
 *   Where the last message has no text, the answer is `''`.
 * - Emits at the run's `complete`, and completes. Without one, as with a provider used alone, it emits when the source
 *   completes; without a `message`, it takes the deltas that no `retry` has discarded.
 * - A source that completes without any message or delta: completes without a value.
 * - The run's `error` event becomes an Rx error, a `RunError` with the event's code.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { finalText } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const provider = scriptedProvider([textTurn('Hel', 'lo')]);
 * provider({ messages: [] }).pipe(finalText()).subscribe((text) => console.log(text));
 * // Logs:
 * // Hello
 * ```
 *
 * @see {@link textOnly} for the text as it comes.
 * @see {@link collectRun} for everything else with it.
 * @returns an operator from the events of a run, or of a provider's turn, to one string.
 */
export function finalText(): OperatorFunction<StreamEvent, string> {
  return (source) =>
    defer(() => {
      const answer = foldAnswer();
      return source.pipe(
        tap((event) => {
          if (isRunFailure(event)) throw runErrorOf(event);
          answer.take(event);
        }),
        takeWhile((event) => !isRunEnd(event)),
        ignoreElements(),
        concatWith(defer(() => (answer.begun() ? of(answer.text()) : EMPTY))),
      );
    });
}
