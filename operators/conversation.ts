import { concatMap, defer, EMPTY, exhaustMap, of, repeat, switchMap, tap, type Observable, type OperatorFunction } from 'rxjs';
import { requireOneOf } from '../src/errors/require.js';
import type { StreamEvent } from '../src/events/events.js';
import { memoryHistory } from '../src/messages/memory-history.js';
import { joinedInput, type ConversationAgent, type ConversationInput, type ConversationOptions, type ConversationPolicy } from './internal/conversation-parts.js';

/** A run for an input. */
type Run = (input: ConversationInput) => Observable<StreamEvent>;

/** What is said during a run waits, and is the next run's input, all of it together. */
function collecting(run: Run): OperatorFunction<ConversationInput, StreamEvent> {
  return (messages) => {
    let waiting: ConversationInput[] = [];
    const next$ = defer(() => {
      const input = joinedInput(waiting);
      waiting = [];
      return run(input);
    });
    return messages.pipe(
      tap((message) => waiting.push(message)),
      exhaustMap(() => next$.pipe(repeat({ delay: () => (waiting.length > 0 ? of(true) : EMPTY) }))),
    );
  };
}

const policies: Readonly<Record<ConversationPolicy, (run: Run) => OperatorFunction<ConversationInput, StreamEvent>>> = {
  switch: (run) => switchMap(run),
  queue: (run) => concatMap(run),
  drop: (run) => exhaustMap(run),
  collect: collecting,
};

/**
 * A whole conversation: each message of the user's becomes a run of the agent, and all runs share one history.
 *
 * What is to happen when the user speaks while the agent does is the policy: `switch` stops the answer and begins the next
 * one, `queue` answers one after the other, `drop` does not hear what is said meanwhile, and `collect` answers it
 * afterwards, all of it at once.
 *
 * ```
 * messages:  -a-b-c|                  each answered by -x-x-x|
 *          conversation(ask, { policy: 'switch' })
 * events:    --a-b-c-c-c|             a, b, c the events of the answer to each
 *
 *          conversation(ask, { policy: 'queue' })
 * events:    --a-a-a-b-b-b-c-c-c|
 *
 *          conversation(ask, { policy: 'drop' })
 * events:    --a-a-a|
 *
 *          conversation(ask, { policy: 'collect' })
 * events:    --a-a-a-x-x-x|           x the answer to b and c together
 * ```
 *
 * - A run that is stopped leaves a valid history: the message that it was asked, what was whole of its answer, and for a
 *   call that never ended a result that says why. The next run begins when that is written, and never meets a history
 *   that is in use.
 * - Where no history is given each subscription has a `memoryHistory()` of its own. One that is given is shared by all
 *   subscriptions, so only one of them can be answered at a time.
 * - A run that fails ends with its `error` event; the conversation goes on. What fails on the Rx error channel (an agent
 *   that throws, one with `untilError()` behind it) fails the conversation.
 * - Several runs are in one stream, one after the other: each has its own `runId`, and its own `seq` from 0.
 * - Completes when the messages have completed and the last answer is over. No messages: completes without a value.
 * - Errors of the source stop the run under way and pass; unsubscribing stops the run and the source.
 *
 * @example
 * ```ts
 * import { agent } from 'coldstream';
 * import { conversation, ofType } from 'coldstream/operators';
 * import { scriptedProvider, textTurn } from 'coldstream/testing';
 * import { of } from 'rxjs';
 *
 * const ask = agent({ provider: scriptedProvider([textTurn('Hello, Ada.'), textTurn('You are Ada.')]) });
 * of('I am Ada.', 'Who am I?')
 *   .pipe(conversation(ask, { policy: 'queue' }), ofType('run_start', 'text_delta'))
 *   .subscribe((event) => console.log(event.type === 'run_start' ? `after ${event.historyLength} messages:` : event.content));
 * // Logs:
 * // after 0 messages:
 * // Hello, Ada.
 * // after 2 messages:
 * // You are Ada.
 * ```
 *
 * @see {@link snapshots} for what a chat window shows of it.
 * @param agent what answers; for parameters of a run, a function around it: `(input, params) => ask(input, { ...params, threadId })`.
 * @param options `policy`: what becomes of a message that comes during a run. `history`: default a new `memoryHistory()`.
 * @returns an operator from the user's messages to the events of all runs.
 * @throws ConfigurationError for a policy that there is not.
 */
export function conversation(agent: ConversationAgent, options: ConversationOptions): OperatorFunction<ConversationInput, StreamEvent> {
  const { policy, history: given } = options;
  requireOneOf('policy', policy, Object.keys(policies));
  return (messages) =>
    defer(() => {
      const history = given ?? memoryHistory();
      return messages.pipe(policies[policy]((input) => agent(input, { history })));
    });
}
