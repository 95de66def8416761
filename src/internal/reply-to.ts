import { concat, defer, EMPTY, filter, from, merge, of, take, timeout, type Observable, type ObservableInput } from 'rxjs';
import { longestTimer } from './clock.js';

/** Why nobody replied: the time was over, or no reply can come any more. */
export type Unanswered = 'timeout' | 'closed';

/** How a question finds its reply in a stream of replies. */
export interface ReplyRules<Question, Reply> {
  /** Whether the reply is for the question. */
  readonly isFor: (reply: Reply, question: Question) => boolean;
  /** What it comes to if nobody replies. */
  readonly otherwise: (question: Question, why: Unanswered) => Reply;
  /** How long to wait, in milliseconds. Default: as long as replies can come. */
  readonly timeout?: number | undefined;
  /** Told of the question once its reply is waited for: a reply that is given meanwhile is not missed. */
  readonly asked?: ((question: Question) => void) | undefined;
}

/**
 * The reply to a question that others give later, in a stream of replies to many: the first that is for it, once. What
 * the stream fails with, or a rule throws, is the failure. Each subscription is a question of its own.
 *
 * ```
 * replies                  --b---a---b--
 * replyTo(a)               ------(a|)
 * replyTo(a), timeout 3    ---(d|)        d: otherwise(a, 'timeout')
 * replies                  --b-|
 * replyTo(a)               ----(d|)       d: otherwise(a, 'closed')
 * ```
 *
 * @param question what is asked
 * @param replies the replies to all questions, usually a `Subject`
 * @param rules which reply counts, and what none comes to
 */
export function replyTo<Question, Reply>(
  question: Question,
  replies: ObservableInput<Reply>,
  { isFor, otherwise, timeout: limit, asked }: ReplyRules<Question, Reply>,
): Observable<Reply> {
  const none = (why: Unanswered): Observable<Reply> => defer(() => of(otherwise(question, why)));
  const reply$ = from(replies).pipe(filter((reply) => isFor(reply, question)));
  // Subscribed in this order, so that whoever is told of the question may reply at once.
  const replied$ = asked === undefined ? reply$ : merge(reply$, defer(() => (asked(question), EMPTY)));
  const first$ = concat(replied$, none('closed')).pipe(take(1));
  return limit === undefined || limit > longestTimer ? first$ : first$.pipe(timeout({ first: limit, with: () => none('timeout') }));
}
