import { concat, defer, of, throwError } from 'rxjs';
import type { ErrorCode } from '../errors/codes.js';
import { describeError, isColdstreamError, messageOf } from '../errors/describe.js';
import { CallbackError, ConfigurationError } from '../errors/errors.js';
import { modelOf, withRunId, type Provider } from '../provider.js';
import { abandoned, attempting, mayRepeat, requireWhen, type AttemptSoFar, type RepeatWhen } from './attempts.js';
import { markDecorated } from './marks.js';

/** What `fallingBackTo` tells of a failure, for `on`. */
export interface FallbackFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable: boolean;
  /** Whether a part of the answer had been emitted. */
  readonly partial: boolean;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** How long the service asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** How `fallingBackTo` behaves. */
export interface FallbackOptions {
  /** What the `retry` event calls the model that takes over. Default: the model that the other provider was made for; `'unknown'` where it does not say. */
  readonly to?: string | undefined;
  /**
   * `'before-content'` switches while nothing of an answer has been shown. `'always'` also switches in the middle of an
   * answer: what it had shown is void then (`discard`). Default `'before-content'`.
   */
  readonly when?: RepeatWhen | undefined;
  /**
   * Which failures switch. Default: all but those that another model cannot mend or that hide a wrong set-up (`aborted`,
   * `callback`, `configuration`, `discarded`, `invalid_request`).
   */
  readonly on?: ((failure: FallbackFailure) => boolean) | undefined;
}

const stays: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['aborted', 'callback', 'configuration', 'discarded', 'invalid_request']);

function failureOf(error: unknown, { answering }: AttemptSoFar): FallbackFailure {
  const { code, message, retryable, partial } = describeError(error);
  const { status, retryAfterMs } = isColdstreamError(error) ? error : {};
  return {
    code,
    message,
    retryable,
    partial: partial || answering,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** @throws CallbackError if the application's `on` does */
function switches(on: FallbackOptions['on'], failure: FallbackFailure): boolean {
  if (on === undefined) return !stays.has(failure.code);
  try {
    return on(failure);
  } catch (error) {
    throw new CallbackError(`on of fallingBackTo failed: ${messageOf(error)}`, { partial: failure.partial, cause: error });
  }
}

/**
 * Has another provider answer where this one fails, and says so: a `retry` event with `to`, the model that takes over,
 * without a delay, and with what the abandoned attempt cost.
 *
 * ```
 * provider                                     --#
 * other                                          --a-b-(m|)
 * fallingBackTo(other)                         --r-a-b-(m|)     r: a retry event with to
 *
 * provider                                     -a-#
 * other                                           --a-b-(m|)
 * fallingBackTo(other)                         -a-#             something had been shown
 * fallingBackTo(other, { when: 'always' })     -a-R-a-b-(m|)    R: with discard; the first a is void
 * ```
 *
 * - The other is sent the same request, with `attempt` counted on. What fails in it passes.
 * - Each request asks the first provider first; the next iteration of a run does so again.
 * - Several fallbacks compose by nesting: `flow(fallingBackTo(second), fallingBackTo(third))(first)` asks the second where
 *   the first fails, and the third where that fails too.
 * - Around `retrying`, the switch comes after its last attempt; `retrying` around this would begin with the first again.
 * - `when: 'always'` has the limits that it has in `retrying`: not after the turn's `message`; nor once a tool of it has
 *   started while the model still streamed (`eager`).
 * - Unsubscribing stops whichever answers.
 *
 * @example
 * ```ts
 * import { flow } from 'fp-ts/lib/function.js';
 * import { agent, fallingBackTo, retrying, timingOut } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 *
 * const patient = flow(timingOut({ firstByte: 20_000 }), retrying({ attempts: 2 }));
 * const large = patient(anthropic({ model: 'claude-opus-5' }));
 * const small = patient(anthropic({ model: 'claude-haiku-5' }));
 *
 * const ask = agent({ provider: fallingBackTo(small)(large) });
 * ask('Hello').subscribe((event) => {
 *   if (event.type === 'retry' && event.content.to !== undefined) console.log('now asking', event.content.to);
 * });
 * ```
 *
 * @see {@link retrying} to ask the same model again.
 * @param other the provider that takes over
 * @param options what it is called, when it may take over, and at which failures; all have defaults
 * @returns a decorator of providers
 * @throws ConfigurationError for a word that cannot be meant, and without a provider
 */
export function fallingBackTo(other: Provider, options: FallbackOptions = {}): (provider: Provider) => Provider {
  if (typeof other !== 'function') throw new ConfigurationError('fallingBackTo needs the provider that takes over: fallingBackTo(bedrock({ … })).');
  const { to = modelOf(other) ?? 'unknown', when = 'before-content', on } = options;
  requireWhen(when);
  return (provider) =>
    markDecorated(
      (asked) =>
        attempting(
          provider,
          () => withRunId(asked),
          (error, soFar, request) => {
            if (!mayRepeat(soFar, when, request) || !switches(on, failureOf(error, soFar))) return throwError(() => error);
            return concat(
              of(abandoned(request, soFar, error, { delayMs: 0, to })),
              defer(() => other({ ...request, attempt: soFar.attempt + 1 })),
            );
          },
        ),
      provider,
    );
}
