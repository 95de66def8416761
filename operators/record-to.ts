import { defer, finalize, merge, Subject, tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { recorder, type EventSink, type RecordOptions } from './internal/recorder.js';

/**
 * Hands each event to a sink before it is passed on: a file of JSON lines, a store, a second consumer.
 *
 * The events are the log of a run. What is recorded can be replayed, counted and drawn later, by the same operators.
 *
 * ```
 * events:  -s-t-t-c|       s iteration_start, t text_delta, c complete
 *          recordTo(sink)
 * events:  -s-t-t-c|
 * sink:    -s-t-t-c|       its end too, also where it is unsubscribed
 * ```
 *
 * - A function gets each event. An observer (`next`) gets each event and the end; unsubscribing completes it. Anything with
 *   `write` gets each event as one line of JSON, and `end()` once at the end: a Node stream, say. In such a line stands
 *   nothing that a terminal would act on, and it parses to the same event.
 * - A sink that fails, by throwing, by a promise that it returns, or by emitting `error`, does not break the run: nothing
 *   more is written to it, `onError` is told, and the events go on. With `required: true` the stream fails with the sink's
 *   error, and an event whose write threw is not passed on; a failure that comes after the stream's end is told to
 *   `onError` alone.
 * - The sink is not waited for: one that is slower than the run holds in memory what it has not written.
 * - All subscriptions write to the sink that is given. For a sink that is closed at the end make one for each:
 *   `defer(() => run$.pipe(recordTo(createWriteStream(file))))`.
 * - Nothing at all: the sink is ended. Events of sub-agents are recorded like all others, and pass as they are.
 * - Errors of the source pass, and end the sink; unsubscribing stops the source, and ends it too.
 *
 * @example
 * ```ts
 * import { recordTo, textOnly } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 *
 * const lines: string[] = [];
 * const provider = scriptedProvider([textTurn('Hel', 'lo')]);
 * provider({ messages: [] })
 *   .pipe(recordTo({ write: (line) => lines.push(line) }), textOnly())
 *   .subscribe((text) => console.log(text));
 * console.log(lines.length, JSON.parse(lines[0] ?? '').type);
 * // Logs:
 * // Hel
 * // lo
 * // 4 text_delta
 * ```
 *
 * @see {@link replay} for the way back.
 * @param sink a function, an observer, or something with `write`.
 * @param options `required`: whether the stream fails where the sink does, default false. `onError`: is told of the sink's first failure.
 * @returns an operator that keeps the type of the stream.
 */
export function recordTo<Event extends StreamEvent>(sink: EventSink, options: RecordOptions = {}): MonoTypeOperatorFunction<Event> {
  const { required = false, onError } = options;
  return (source) =>
    defer(() => {
      const failed$ = new Subject<never>();
      const record = recorder(sink, (error) => {
        if (required) failed$.error(error);
        onError?.(error);
      });
      const recorded$ = source.pipe(
        tap({
          next: (event) => record.write(event),
          complete: () => record.end(),
          error: (error: unknown) => record.end({ error }),
          unsubscribe: () => record.end(),
        }),
      );
      return required ? merge(failed$, recorded$.pipe(finalize(() => failed$.complete()))) : recorded$;
    });
}
