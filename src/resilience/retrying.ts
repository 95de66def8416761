import { catchError, concat, defer, ignoreElements, of, tap, throwError, timer, type Observable } from 'rxjs';
import { describeError, isColdstreamError } from '../errors/describe.js';
import { requireCount, requireNumber } from '../errors/require.js';
import type { StreamEvent } from '../events/events.js';
import { random } from '../internal/ids.js';
import type { Usage } from '../messages/usage.js';
import { eventFactory, isContentEvent, withRunId, type ModelRequest, type Provider } from '../provider.js';
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
}

interface RetrySettings {
  readonly attempts: number;
  readonly backoff: number;
  readonly maxBackoff: number;
  readonly jitter: number;
  readonly maxRetryAfter: number;
}

function settingsOf({ attempts = 3, backoff = 500, maxBackoff = 8_000, jitter = 0.25, maxRetryAfter = 60_000 }: RetryOptions): RetrySettings {
  requireCount('attempts', attempts);
  requireNumber('jitter', jitter, 1);
  for (const [name, value] of Object.entries({ backoff, maxBackoff, maxRetryAfter })) requireNumber(name, value);
  return { attempts, backoff, maxBackoff, jitter, maxRetryAfter };
}

/** How long to wait after the given attempt (from 1) failed. */
function delayAfter(attempt: number, retryAfterMs: number | undefined, options: RetrySettings): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, options.maxRetryAfter);
  const backoff = Math.min(options.backoff * 2 ** (attempt - 1), options.maxBackoff);
  return Math.round(backoff * (1 - options.jitter * random()));
}

/**
 * Sends a failed request again, where the error says that this may help (`retryable`) and nothing of an answer has been
 * emitted yet. Each further attempt is announced by a `retry` event with the delay and what the abandoned attempt cost.
 * A service's `retry-after` is honoured up to a cap.
 *
 * ```
 * attempt 1   --#
 * attempt 2        --a-b-(m|)
 * retrying()  --r----a-b-(m|)      r: a retry event; the wait follows it
 * ```
 *
 * An error that is not retryable, and one after the first piece of an answer, passes at once.
 *
 * @param options attempts, backoff, jitter and caps; all have defaults
 * @returns a decorator of providers
 * @throws ConfigurationError for a number that cannot be meant
 */
export function retrying(options: RetryOptions = {}): (provider: Provider) => Provider {
  const settings = settingsOf(options);
  return (provider) => {
    const attemptFrom = (request: ModelRequest, attempt: number): Observable<StreamEvent> =>
      defer(() => {
        let answering = false;
        let usage: Usage | null = null;
        return provider({ ...request, attempt }).pipe(
          tap((event) => {
            if (event.type === 'usage') usage = event.usage;
            else answering ||= isContentEvent(event);
          }),
          catchError((error: unknown) => {
            const retryAfterMs = isColdstreamError(error) ? error.retryAfterMs : undefined;
            const { code, message, retryable } = describeError(error);
            if (!retryable || answering || attempt >= settings.attempts) return throwError(() => error);
            const delayMs = delayAfter(attempt, retryAfterMs, settings);
            const notice = eventFactory(request)({
              type: 'retry',
              content: { attempt, delayMs, error: { code, message }, discard: false },
              usage,
            });
            return concat(of(notice), timer(delayMs).pipe(ignoreElements()), attemptFrom(request, attempt + 1));
          }),
        );
      });
    return markDecorated((request) => defer(() => attemptFrom(withRunId(request), 1)), provider);
  };
}
