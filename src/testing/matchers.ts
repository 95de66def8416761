import { balanceFault } from './balance.js';
import type { CompareOptions } from './compare.js';
import { toEmitEvents, type ExpectedEvent } from './matchers/emit-events.js';
import { eventsOf, result, type MatcherResult } from './matchers/received.js';
import { toBeCold, toTearDown } from './matchers/subscriptions.js';
import type { Witness } from './watched.js';

function toBeBalanced(received: unknown): MatcherResult {
  const events = eventsOf(received);
  return result(typeof events === 'string' ? events : balanceFault(events), 'The run was expected not to be balanced, and every call of it is answered, and it ends once.');
}

/** What {@link matchers} adds to `expect(…)`; see there how the compiler learns of it. */
export interface AgentMatchers<R = unknown> {
  /**
   * Exactly these events, in this order: events, compared by type and payload, or types. Of a list, or of an Observable
   * that ends as it is subscribed.
   */
  toEmitEvents(expected: readonly ExpectedEvent[], options?: CompareOptions): R;
  /** One `complete` or `error`, last; and before it for every call one result and one end. Of a list or an Observable. */
  toBeBalanced(): R;
  /** Nothing is opened before it is subscribed, and each subscription opens its own. Of an Observable, or a function that makes it. */
  toBeCold(...witnesses: readonly Witness[]): R;
  /** Unsubscribed at any of its values it leaves nothing open. Of an Observable, or a function that makes it. */
  toTearDown(...witnesses: readonly Witness[]): R;
}

/**
 * Matchers for `expect.extend` of jest, vitest and their like. They are synchronous: an Observable that does not end as it
 * is subscribed has to be collected first, or told by `expectRun` in a marble test.
 *
 * The compiler learns of them once, in a file of the tests; below as for `@types/jest`. For `@jest/globals` it is
 * `interface Matchers<R> extends AgentMatchers<R> {}` in `declare module 'expect'`, for vitest
 * `interface Matchers<T> extends AgentMatchers<T> {}` in `declare module 'vitest'`.
 *
 * @example
 * ```ts
 * import { agent } from 'coldstream';
 * import { matchers, scriptedProvider, textTurn, type AgentMatchers } from 'coldstream/testing';
 *
 * declare global {
 *   namespace jest {
 *     interface Matchers<R, T> extends AgentMatchers<R> {}
 *   }
 * }
 * expect.extend(matchers);
 *
 * it('answers, and asks once for each subscription', () => {
 *   const provider = scriptedProvider([{ answer: textTurn('Hello'), times: Infinity }]);
 *   const ask = agent({ provider });
 *   expect(ask('Hi')).toEmitEvents(['run_start', 'iteration_start', 'text_delta', 'usage', 'message', 'iteration_end', 'complete']);
 *   expect(ask('Hi')).toBeBalanced();
 *   expect(() => ask('Hi')).toBeCold(provider);
 *   expect(() => ask('Hi')).toTearDown(provider);
 * });
 * ```
 */
export const matchers = { toEmitEvents, toBeBalanced, toBeCold, toTearDown } as const;
