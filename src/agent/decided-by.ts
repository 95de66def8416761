import type { ObservableInput } from 'rxjs';
import { requireNumber, requireOneOf } from '../errors/require.js';
import { replyTo, type Unanswered } from '../internal/reply-to.js';
import type { ApprovalAnswer, Approve } from './approve.js';

/** Somebody's decision about one call. `runId`, `path` and `id` are those of its `tool_approval` event. */
export interface Decision extends ApprovalAnswer {
  readonly runId: string;
  readonly path: readonly string[];
  /** The id of the call. */
  readonly id: string;
}

/** How `decidedBy` waits. */
export interface DecidedByOptions {
  /** How long a call waits for its decision, in milliseconds. Default: until it comes. */
  readonly timeout?: number | undefined;
  /** What becomes of a call when that time is over. Default `'deny'`. */
  readonly onTimeout?: 'allow' | 'deny' | undefined;
}

const samePath = (one: readonly string[], other: readonly string[]): boolean => one.length === other.length && one.every((id, at) => id === other[at]);

/**
 * Has a stream of decisions decide about calls: the `approve` for people, a queue, another service. Each call waits for the
 * decision that names it; several wait at once, and those of sub-agents are told apart by their path.
 *
 * ```
 * run         --A--------------G-r-    A: tool_approval requested; G: granted
 * decisions   -----x-----------a---    a: names the call; x: another one
 * ```
 *
 * - Only what is decided from the request on counts. A `Subject` is what is wanted; one that replays would decide anew what
 *   it decided before.
 * - If the stream ends, what waits is denied, and so is what is asked later. If it fails, the run ends with an `error` event.
 * - Whoever sees the `requested` event may decide at once, in the same call stack.
 *
 * @example
 * ```ts
 * import { agent, decidedBy, type Decision, type Provider, type Tool } from 'coldstream';
 * import { Subject } from 'rxjs';
 *
 * export function supervised(provider: Provider, tools: readonly Tool[], isFine: (name: string, input: unknown) => boolean) {
 *   const decisions$ = new Subject<Decision>();
 *   const ask = agent({ provider, tools, approve: decidedBy(decisions$, { timeout: 60_000 }) });
 *   return ask('Tidy up').subscribe((event) => {
 *     if (event.type !== 'tool_approval' || event.content.decision !== 'requested') return;
 *     const { runId, path, content: { id, name, input } } = event;
 *     decisions$.next({ runId, path, id, decision: isFine(name, input) ? 'allow' : 'deny' });
 *   });
 * }
 * ```
 *
 * @param decisions all decisions, about whichever calls
 * @param options how long to wait, and what follows
 * @returns the `approve` of one agent or of several
 * @throws ConfigurationError for a time that cannot be meant
 */
export function decidedBy(decisions: ObservableInput<Decision>, { timeout, onTimeout = 'deny' }: DecidedByOptions = {}): Approve {
  if (timeout !== undefined) requireNumber('timeout', timeout);
  requireOneOf('onTimeout', onTimeout, ['allow', 'deny']);
  return ({ id }, { runId, path }) => {
    const call = { runId, path, id };
    const otherwise = (_: unknown, why: Unanswered): Decision =>
      why === 'closed'
        ? { ...call, decision: 'deny', reason: 'no decision can come any more' }
        : { ...call, decision: onTimeout, reason: `nobody decided within ${String(timeout)} ms` };
    const isFor = (decision: Decision): boolean => decision.id === id && decision.runId === runId && samePath(decision.path, path);
    return replyTo<unknown, Decision>(call, decisions, { isFor, otherwise, timeout });
  };
}
