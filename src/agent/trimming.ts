import { defer, from, map, take } from 'rxjs';
import type { Message } from '../messages/message.js';
import { loadedBy, type History } from './history.js';

/**
 * Makes a decorator of histories: what a run loads is first cut down; what is kept stays whole.
 *
 * @example
 * ```ts
 * import { agent, keepTokens, memoryHistory, trimming } from 'coldstream';
 * import { anthropic } from 'coldstream/anthropic';
 *
 * const history = trimming(keepTokens(100_000))(memoryHistory());
 * export const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5' }), history });
 * ```
 *
 * @param trim `keepLast(…)`, `keepTokens(…)`, or a function of your own; where it throws, the run ends with an `error` event
 * @returns a function from a history to one that loads less
 */
export function trimming(trim: (messages: readonly Message[]) => readonly Message[]): (history: History) => History {
  return (history) => loadedBy(() => defer(() => from(history.load())).pipe(take(1), map(trim)), history);
}
