import { defer, tap, type Observable } from 'rxjs';
import { requireCount } from '../errors/require.js';
import type { StreamEvent } from '../events/events.js';
import { createGate, type Gate } from '../internal/gate.js';
import type { Usage } from '../messages/usage.js';
import type { ModelRequest, Provider } from '../provider.js';
import { markDecorated } from './marks.js';

/** The budget of `limiting`; whole numbers from 1, and what is not given is not limited. */
export interface LimitOptions {
  /** How many requests may be under way at once. Default `Infinity`. */
  readonly concurrency?: number | undefined;
  /** How many requests may begin within any 60 seconds. Default `Infinity`. */
  readonly requestsPerMinute?: number | undefined;
  /** How many tokens may have been used within the last 60 seconds when a request begins. Default `Infinity`. */
  readonly tokensPerMinute?: number | undefined;
}

const minute = 60_000;

function gateOf({ concurrency = Infinity, requestsPerMinute = Infinity, tokensPerMinute = Infinity }: LimitOptions): Gate {
  for (const [name, value] of Object.entries({ concurrency, requestsPerMinute, tokensPerMinute })) if (value !== Infinity) requireCount(name, value);
  return createGate({ concurrency, entries: requestsPerMinute, spending: tokensPerMinute, window: minute });
}

/** What services count against a rate of tokens: what was read from the cache is left out. */
function countedTokens({ inputTokens, cacheWriteTokens, outputTokens }: Usage): number {
  return inputTokens + cacheWriteTokens + outputTokens;
}

/** Spends what the turn reports, as it reports it: of a running count, what was added to it. */
function spending(gate: Gate, provider: Provider, request: ModelRequest): Observable<StreamEvent> {
  return defer(() => {
    let counted = 0;
    const spendUpTo = (usage: Usage | null | undefined): void => {
      const used = usage === null || usage === undefined ? 0 : countedTokens(usage);
      if (used <= counted) return;
      gate.spend(used - counted);
      counted = used;
    };
    return provider(request).pipe(
      tap((event) => {
        if (event.type !== 'usage' && event.type !== 'retry' && event.type !== 'message') return;
        spendUpTo(event.usage);
        // What follows a retry is a count of its own.
        if (event.type === 'retry') counted = 0;
      }),
    );
  });
}

/**
 * Keeps requests within a budget: those that would exceed it wait for their turn, first come, first served.
 *
 * The budget belongs to the decorator that a call of `limiting` returns. All providers that it wraps and all their
 * subscriptions, whichever agent or run they belong to, share it; each further call makes a budget of its own. This is the
 * one place where two subscriptions know of each other, by purpose.
 *
 * ```
 * request 1                      -a-(m|)
 * request 2                      -a-b-(m|)
 * limiting({ concurrency: 1 })
 * of 1                           -a-(m|)
 * of 2                           ----a-b-(m|)    sent when the first is over
 * ```
 *
 * - A request gives its place back when it completes, fails or is unsubscribed. One that is unsubscribed while it waits
 *   leaves the queue at once, and was never sent.
 * - The rates look back over 60 seconds of the scheduler's clock, so that in a marble test no time passes. There is no
 *   timer while nobody waits.
 * - Tokens are input, writes to the cache and output, counted as `usage` events report them; reads from the cache are free,
 *   as services have it. What a request costs is known only while it is answered, so the one that reaches the limit
 *   exceeds it, and so do those that were under way beside it; the next waits until the sum of the last 60 seconds is below
 *   the limit.
 * - Where it stands matters. Around `timingOut` and beneath `retrying`, as in the example, waiting for a turn is not taken
 *   for the service's silence, each attempt counts, and a wait before the next attempt holds no place. Around `retrying`,
 *   all attempts are one request.
 * - An agent adds no retries and no time limits to a provider that is decorated already: name them beside this.
 *
 * @example
 * ```ts
 * import { flow } from 'fp-ts/lib/function.js';
 * import { agent, limiting, retrying, timingOut } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 *
 * const resilient = flow(timingOut(), limiting({ concurrency: 4, requestsPerMinute: 50 }), retrying());
 * const fast = agent({ provider: resilient(anthropic({ model: 'claude-haiku-5' })) });
 * const thorough = agent({ provider: resilient(anthropic({ model: 'claude-opus-5' })) });
 * // Whatever runs of the two there are, four requests at most are under way.
 * ```
 *
 * @param options the limits; without any, nothing is limited
 * @returns a decorator of providers; keep it, and wrap with it whatever shares the budget
 * @throws ConfigurationError for a number that cannot be meant
 */
export function limiting(options: LimitOptions): (provider: Provider) => Provider {
  const gate = gateOf(options);
  return (provider) => markDecorated((request) => gate.pass(spending(gate, provider, request)), provider);
}
