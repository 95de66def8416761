import * as E from 'fp-ts/lib/Either.js';
import { concat, EMPTY, from, map, NEVER, Subscription, take, tap, type Observable } from 'rxjs';
import { isTerminal, isTopLevel } from '../../events/construct.js';
import type { StreamEvent } from '../../events/events.js';
import { StreamEvent as streamEvent } from '../../events/stream-event-codec.js';
import type { Agent } from '../../agent/options.js';
import { withSignal } from '../../internal/abort.js';
import { pinIdsAndChance } from '../../internal/ids.js';
import { balanceFault } from '../balance.js';
import { firstDifference } from '../compare.js';
import { describeValue } from '../describe.js';
import { historyFault } from '../history-fault.js';
import { outcomeOf } from '../matchers/received.js';
import { fail } from '../provider-laws/judge.js';
import { BoundedTestScheduler } from '../scheduler.js';
import { isEventList, type ScriptedReply } from '../scripted-provider.js';
import { stageOf, type AgentParts, type Stage } from './scenarios.js';

/** What an agent owes, by name. {@link agentLaws} says what each means. */
export type AgentLaw = 'cold' | 'one end' | 'balanced' | 'numbered' | 'plain' | 'again' | 'left' | 'aborted' | 'kept' | 'virtual';

export type MakeAgent = (parts: AgentParts) => Agent;

/** One law: what it says, and how it is held over one script. */
export interface HeldAgentLaw {
  readonly name: AgentLaw;
  readonly says: string;
  readonly hold: (make: MakeAgent, replies: readonly ScriptedReply[]) => void;
}

const INPUT = 'How is the weather?';

/** All events of a run that ends as it is subscribed. */
function runOf({ ask }: Stage): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  const { end, error } = outcomeOf(ask(INPUT).pipe(tap((event) => void events.push(event))));
  if (end === 'error') fail(`The run failed on the error channel, with ${describeValue(error)}, instead of an error event.`);
  if (end === 'open') fail(`The run did not end; its last event is ${describeValue(events.at(-1))}.`);
  return events;
}

const openIn = ({ provider, tools }: Stage): number => [provider, ...tools].reduce((sum, { open }) => sum + open, 0);

function closed(stage: Stage, when: string): void {
  if (openIn(stage) > 0) fail(`${when}, ${openIn(stage)} of its requests and tools are still open.`);
}

function cold(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const stage = stageOf(make, replies);
  const run$ = stage.ask(INPUT);
  if (stage.provider.opened > 0) fail('It asked its provider before anybody subscribed.');
  outcomeOf(run$);
  const once = stage.provider.opened;
  outcomeOf(run$);
  const twice = stage.provider.opened - once;
  if (once === 0) fail('It was subscribed, and did not ask its provider.');
  if (twice !== once) fail(`Its first subscription asked the provider ${once} times, the second ${twice} times.`);
}

function oneEnd(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const events = runOf(stageOf(make, replies));
  const ends = events.filter((event) => isTerminal(event) && isTopLevel(event));
  if (ends.length !== 1) fail(`The run has ${ends.length} ends.`);
  const last = events.at(-1);
  if (last !== ends[0]) fail(`After its end there came ${describeValue(last)}.`);
}

function balanced(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const fault = balanceFault(runOf(stageOf(make, replies)));
  if (fault !== undefined) fail(fault);
}

function numbered(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const events = runOf(stageOf(make, replies));
  const [first] = events;
  if (first?.type !== 'run_start') fail(`The first event is ${describeValue(first)}; owed: run_start.`);
  events.forEach((event, index) => {
    if (event.seq !== index) fail(`Event ${index} (${event.type}) has the number ${event.seq}.`);
    if (event.runId !== first.runId) fail(`Event ${index} (${event.type}) is of the run ${event.runId}, the first is of ${first.runId}.`);
  });
}

function plain(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const stage = stageOf(make, replies);
  const texts: string[] = [];
  const events: StreamEvent[] = [];
  outcomeOf(
    stage.ask(INPUT).pipe(
      tap((event) => {
        texts.push(JSON.stringify(event));
        events.push(event);
      }),
    ),
  );
  events.forEach((event, index) => {
    const text = texts[index] ?? '';
    if (JSON.stringify(event) !== text) fail(`Event ${index} (${event.type}) was changed after it was told.`);
    const read: unknown = JSON.parse(text);
    const lost = firstDifference(read, event, { envelope: true });
    if (lost !== undefined) fail(`Event ${index} (${event.type}) is not plain JSON: ${lost}.`);
    const decoded = streamEvent.decode(read);
    const refused = E.isLeft(decoded) ? 'is refused' : firstDifference(decoded.right, event, { envelope: true });
    if (refused !== undefined) fail(`Event ${index} (${event.type}) is none that the codec StreamEvent knows: ${refused}.`);
  });
}

function again(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const stage = stageOf(make, replies);
  const run$ = stage.ask(INPUT);
  const types = (): readonly unknown[] => {
    const told = outcomeOf(run$.pipe(map(({ type }) => type))).values;
    closed(stage, 'After its end');
    return told;
  };
  const first = types();
  const difference = firstDifference(types(), first);
  if (difference !== undefined) fail(`Subscribed again, the run told other events: ${difference}.`);
}

/** How many events a run has. */
const lengthOf = (make: MakeAgent, replies: readonly ScriptedReply[]): number => outcomeOf(stageOf(make, replies).ask(INPUT)).values.length;

/** A script whose turns stay open after their last event. */
const hanging = (replies: readonly ScriptedReply[]): readonly ScriptedReply[] =>
  replies.map((reply) => (isEventList(reply.answer) ? { ...reply, answer: concat(from(reply.answer.slice(0, -1)), NEVER) } : reply));

function left(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  for (const script of [replies, hanging(replies)]) {
    for (let count = 0; count <= lengthOf(make, script); count += 1) {
      const stage = stageOf(make, script);
      const { values } = outcomeOf(stage.ask(INPUT).pipe(take(count)));
      closed(stage, `Left after ${count} events`);
      if (values.length > count) fail(`Left after ${count} events, it told ${values.length}.`);
    }
    const stage = stageOf(make, script);
    outcomeOf(stage.ask(INPUT));
    closed(stage, 'Left when it had nothing more to tell');
  }
}

/** Runs with a signal that fires at an event. */
function abortedAt(make: MakeAgent, replies: readonly ScriptedReply[], at: number): { readonly stage: Stage; readonly events: readonly StreamEvent[] } {
  const stage = stageOf(make, hanging(replies));
  const events: StreamEvent[] = [];
  let run$: Observable<StreamEvent> = EMPTY;
  // A signal whose controller is unsubscribing.
  const controller = withSignal((signal) => {
    run$ = stage.ask(INPUT, { signal });
    return NEVER;
  }).subscribe();
  const run = run$.subscribe({
    next: (event) => {
      events.push(event);
      if (events.length === at) controller.unsubscribe();
    },
    error: () => undefined,
  });
  run.unsubscribe();
  controller.unsubscribe();
  return { stage, events };
}

function aborted(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const { events: natural } = abortedAt(make, replies, Infinity);
  const count = natural.length;
  // A run that fails by itself may have begun to say so when the signal fires.
  const own = natural.at(-1);
  const codes = ['aborted', own?.type === 'error' ? own.content.code : undefined];
  for (let at = 1; at <= count; at += 1) {
    const { stage, events } = abortedAt(make, replies, at);
    const end = events.at(-1);
    const when = `Aborted at event ${at}`;
    if (end === undefined || !isTerminal(end)) fail(`${when}, the run did not end; its last event is ${describeValue(end)}.`);
    if (end.type === 'error' && !codes.includes(end.content.code)) fail(`${when}, it ended with the code ${end.content.code}.`);
    const fault = balanceFault(events);
    if (fault !== undefined) fail(`${when}: ${fault}`);
    closed(stage, when);
  }
}

function kept(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  for (let count = 1; count <= lengthOf(make, replies); count += 1) {
    const stage = stageOf(make, replies);
    outcomeOf(stage.ask(INPUT).pipe(take(count)));
    const fault = historyFault(stage.history.messages());
    if (fault !== undefined) fail(`Left after ${count} events, the history that it kept would be refused: ${fault}.`);
  }
  const stage = stageOf(make, replies);
  const end = runOf(stage).at(-1);
  const difference = end?.type === 'complete' ? firstDifference(stage.history.messages(), end.messages) : undefined;
  if (difference !== undefined) fail(`It kept something else than the messages that its complete tells of: ${difference}.`);
}

const latency = 30_000;

/** With latencies of half a minute, a run is over when virtual time is. */
function virtual(make: MakeAgent, replies: readonly ScriptedReply[]): void {
  const restore = pinIdsAndChance();
  const scheduler = new BoundedTestScheduler();
  let endedAt: number | undefined;
  let subscription = Subscription.EMPTY;
  try {
    scheduler.run(() => {
      const run$ = stageOf(make, replies, latency).ask(INPUT);
      scheduler.schedule(() => {
        subscription = run$.subscribe({
          complete: () => {
            endedAt = scheduler.frame;
          },
          error: () => undefined,
        });
      });
      scheduler.flush();
    });
  } finally {
    subscription.unsubscribe();
    restore();
  }
  if (endedAt === undefined) fail('In virtual time the run did not end: it waits for something real, a promise or a timer.');
  if (endedAt < latency) fail(`Its provider takes ${latency} ms of virtual time, and the run ended after ${endedAt}.`);
}

export const agentLawList: readonly HeldAgentLaw[] = [
  { name: 'cold', says: 'nothing is asked before somebody subscribes, and each subscription asks anew', hold: cold },
  { name: 'one end', says: 'a run ends by exactly one complete or error, last, and never on the error channel', hold: oneEnd },
  { name: 'balanced', says: 'every call has one result and then one end, whatever fails', hold: balanced },
  { name: 'numbered', says: 'run_start is first, and events are numbered from 0 and of one run', hold: numbered },
  { name: 'plain', says: 'every event is plain JSON that the codec knows, and nobody changes it afterwards', hold: plain },
  { name: 'again', says: 'subscribed again, a run tells the same, and leaves nothing open', hold: again },
  { name: 'left', says: 'unsubscribed at any event, it closes its request and its tools, and tells no more', hold: left },
  { name: 'aborted', says: 'a signal that fires ends it with an error event, its calls answered', hold: aborted },
  { name: 'kept', says: 'wherever it is left, what it kept is accepted by the next call', hold: kept },
  { name: 'virtual', says: 'in virtual time it takes the time of its parts, and no other', hold: virtual },
];
