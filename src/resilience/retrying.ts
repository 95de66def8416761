import { concat, ignoreElements, of, throwError, timer, type Observable } from 'rxjs';
import { describeError, isColdstreamError } from '../errors/describe.js';
import { requireCount, requireNumber } from '../errors/require.js';
import type { StreamEvent } from '../events/events.js';
import { longestTimer } from '../internal/clock.js';
import { random } from '../internal/ids.js';
import { withRunId, type ModelRequest, type Provider } from '../provider.js';
import { abandoned, attempting, mayRepeat, requireWhen, type RepeatWhen } from './attempts.js';
import { markDecorated } from './marks.js';

/** How `retrying` behaves. */
export interface RetryOptions {
  /** How many requests at most, the first included. Default 3. */
  readonly attempts?: number | undefined;
  /** The wait before the second attempt in milliseconds; it doubles with each further one. Default 500. */
  readonly backoff?: number | undefined;
  /** The longest wait in milliseconds that backoff reaches. Default 8,000. */
  readonly maxBackoff?: number | undefined;
  /** The part of the wait, from 0 to 1, that chance takes off. Default 0.25. */
  readonly jitter?: number | undefined;
  /** The longest `retry-after` of a service that is honoured, in milliseconds. Default 60,000. */
  readonly maxRetryAfter?: number | undefined;
  /**
   * `'before-content'` retries what has shown nothing of its answer yet. `'always'` also retries an answer that broke:
   * what it had shown is void then (`discard`). Default `'before-content'`.
   */
  readonly when?: RepeatWhen | undefined;
}

type RetrySettings = { readonly [Name in keyof RetryOptions]-?: NonNullable<RetryOptions[Name]> };

function settingsOf(options: RetryOptions): RetrySettings {
  const { attempts = 3, backoff = 500, maxBackoff = 8_000, jitter = 0.25, maxRetryAfter = 60_000, when = 'before-content' } = options;
  requireCount('attempts', attempts);
  requireNumber('jitter', jitter, 1);
  for (const [name, value] of Object.entries({ backoff, maxBackoff, maxRetryAfter })) requireNumber(name, value);
  return { attempts, backoff, maxBackoff, jitter, maxRetryAfter, when: requireWhen(when) };
}

function numbered(request: ModelRequest): ModelRequest {
  return request.attempt === undefined ? { ...request, attempt: 1 } : request;
}

/** How long to wait after the given failure, the first being 1. */
function delayAfter(failures: number, error: unknown, { backoff, maxBackoff, jitter, maxRetryAfter }: RetrySettings): number {
  const asked = isColdstreamError(error) ? error.retryAfterMs : undefined;
  // A wait that is none, or has passed, asks for nothing.
  if (asked !== undefined && asked > 0) return Math.min(asked, maxRetryAfter, longestTimer);
  const longest = Math.min(backoff * 2 ** (failures - 1), maxBackoff, longestTimer);
  return Math.round(longest * (1 - jitter * random()));
}

/**
 * Sends a failed request again, where the error says that this may help (`retryable`). Each further attempt is announced
 * by a `retry` event with the delay and what the abandoned attempt cost. A service's `retry-after` is honoured up to a
 * cap; a spending limit that was reached is not retried.
 *
 * ```
 * attempt 1                     --#
 * attempt 2                          --a-b-(m|)
 * retrying()                    --r----a-b-(m|)    r: a retry event; the wait follows it
 *
 * attempt 1                     -a-#
 * attempt 2                           -a-b-(m|)
 * retrying()                    -a-#               something had been shown
 * retrying({ when: 'always' })  -a-R---a-b-(m|)    R: a retry with discard; the first a is void
 * ```
 *
 * - An error that is not retryable passes at once, and so does the last of all attempts.
 * - With `when: 'always'` a retry after the first piece of an answer has `discard: true`: what this iteration has shown so
 *   far is void. `foldMessage`, `finalText`, `collectRun` and `toolCalls` drop it, and `textOnly`, which cannot take text
 *   back, fails with `DiscardedError`. Never after the turn's `message`; nor once a tool of it has started while the
 *   model still streamed (`eager`).
 * - `attempt` of the request is counted on with each.
 * - Unsubscribing stops the request, or the wait.
 *
 * @example
 * ```ts
 * import { agent, retrying } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 *
 * const patient = retrying({ attempts: 5, maxRetryAfter: 20_000 })(anthropic({ model: 'claude-sonnet-5' }));
 * const ask = agent({ provider: patient });
 * ask('Hello').subscribe((event) => {
 *   if (event.type === 'retry') console.log(event.content.error.message, event.content.delayMs);
 * });
 * ```
 *
 * @see {@link fallingBackTo} for another model where this one does not get better.
 * @param options attempts, backoff, jitter, caps and when; all have defaults
 * @returns a decorator of providers
 * @throws ConfigurationError for a number or word that cannot be meant
 */
export function retrying(options: RetryOptions = {}): (provider: Provider) => Provider {
  const settings = settingsOf(options);
  return (provider) => {
    const tryFrom = (ask: () => ModelRequest, failures: number): Observable<StreamEvent> =>
      attempting(provider, ask, (error, soFar, request) => {
        const failed = failures + 1;
        if (!describeError(error).retryable || failed >= settings.attempts || !mayRepeat(soFar, settings.when, request)) return throwError(() => error);
        const delayMs = delayAfter(failed, error, settings);
        return concat(
          of(abandoned(request, soFar, error, { delayMs })),
          timer(delayMs).pipe(ignoreElements()),
          tryFrom(() => ({ ...request, attempt: soFar.attempt + 1 }), failed),
        );
      });
    return markDecorated((request) => tryFrom(() => numbered(withRunId(request)), 0), provider);
  };
}
