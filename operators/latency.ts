import { defer, filter, map, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../src/events/events.js';
import { isTimed, turnClock, type TurnLatency } from './internal/turn-clock.js';

/**
 * How fast the model was, once for each of its turns: the time to the first token, the time to the whole, and tokens a
 * second.
 *
 * The times are those that the events carry, not those at which they arrive here: so a recording tells what the live run
 * told, at whatever speed it is replayed, and a marble test asserts it.
 *
 * ```
 * events:  -s---t-t-m-T-n-s--t-m-n-c|     s iteration_start, t text_delta, m message; T tools, n iteration_end
 *          latency()
 * turns:   ---------x----------y----|     x: 4 to the first token, 8 to the whole
 * ```
 *
 * - Emits with each whole message of the model's. A turn that was cut, or that failed, has no value.
 * - The first token is the first piece of text, thinking or tool input. Where a `retry` with `discard` has taken pieces
 *   back, it is the first of those that stand: the time that the abandoned attempt took is waiting.
 * - Tokens a second are all output tokens over the time from the first piece to the message. A service that sends its
 *   answer in one burst leaves no time between them: then it is `null`.
 * - A provider without an agent has no event that tells when it was asked: times from the beginning are `null`.
 * - Turns of sub-agents are left out; `underPath` in front of this looks at them. Runs in one stream are kept apart.
 * - No turn: completes without a value. A failed run completes too; its `error` event is not raised.
 * - Errors of the source pass; unsubscribing stops the source.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { latency } from 'coldstream/operators';
 * import { event, tokens } from 'coldstream/testing';
 *
 * of(
 *   event.iterationStart({ timestamp: 0 }),
 *   event.text('Hel', { timestamp: 400 }),
 *   event.text('lo', { timestamp: 800 }),
 *   event.message('Hello', { timestamp: 900, usage: tokens(10, 20) }),
 * )
 *   .pipe(latency())
 *   .subscribe(({ firstTokenMs, totalMs, tokensPerSecond }) => console.log(firstTokenMs, totalMs, tokensPerSecond));
 * // Logs:
 * // 400 900 40
 * ```
 *
 * @see {@link usageTotals} for what it cost.
 * @returns an operator from the events of runs, or of providers' turns, to a value for each turn.
 */
export function latency(): OperatorFunction<StreamEvent, TurnLatency> {
  return (source) =>
    defer(() => {
      const take = turnClock();
      return source.pipe(
        filter(isTimed),
        map((event) => take(event)),
        filter((turn) => turn !== undefined),
      );
    });
}
