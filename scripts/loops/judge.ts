import type { Message, StreamEvent } from 'coldstream';
import type { ScriptedCall } from 'coldstream/testing';
import { messageOf } from '../../src/errors/describe.js';
import { historyFault } from '../../test/support/valid-history.js';
import type { LoopCase } from './case.js';
import type { Played } from './play.js';

/** A call that the model finished, by how far its answer has come. */
type CallState = 'started' | 'answered' | 'ended';

const isEnd = ({ type, path }: StreamEvent): boolean => path.length === 0 && (type === 'complete' || type === 'error');

/** What is wrong with the order of the events; undefined if nothing is. */
function orderFault(events: readonly StreamEvent[]): string | undefined {
  const [first] = events;
  if (first !== undefined && first.type !== 'run_start') return `the first event is ${first.type}`;
  const gap = events.findIndex(({ seq }, at) => seq !== at);
  if (gap >= 0) return `event ${gap} has seq ${events[gap]?.seq ?? ''}`;
  const end = events.findIndex(isEnd);
  return end >= 0 && end < events.length - 1 ? `${events[end + 1]?.type ?? ''} follows ${events[end]?.type ?? ''}` : undefined;
}

/** The call's name in the run: ids come again in other iterations, and in sub-agents. */
function keyOf({ path, iteration }: { readonly path: readonly string[]; readonly iteration: number }, id: string): string {
  return `${path.join('>')}#${iteration}/${id}`;
}

/** What is wrong with calls and their answers; after the run's end each has one result and one end. */
function callFault(events: readonly StreamEvent[], over: boolean): string | undefined {
  const calls = new Map<string, CallState>();
  for (const event of events) {
    const turn = keyOf(event, '');
    if (event.type === 'retry' && event.content.discard) {
      for (const [call, state] of calls) {
        if (call.startsWith(turn) && state === 'answered') return `the call ${call} was taken back without its end`;
        if (call.startsWith(turn)) calls.delete(call);
      }
    }
    if (event.type !== 'tool_use_start' && event.type !== 'tool_result' && event.type !== 'tool_use_end') continue;
    const call = turn + event.content.id;
    const before = calls.get(call);
    const [expected, next]: readonly [CallState | undefined, CallState] =
      event.type === 'tool_use_start' ? [undefined, 'started'] : event.type === 'tool_result' ? ['started', 'answered'] : ['answered', 'ended'];
    if (before !== expected) return `${event.type} of ${call}, which is ${before ?? 'not known'}`;
    calls.set(call, next);
    // An id that comes again leads to another sub-agent.
    const below = `${[...event.path, event.content.id].join('>')}#`;
    if (next === 'started') for (const inner of calls.keys()) if (inner.startsWith(below)) calls.delete(inner);
  }
  const open = [...calls].find(([call, state]) => call.startsWith('#') && state !== 'ended');
  return over && open !== undefined ? `the run is over, and the call ${open[0]} is ${open[1]}` : undefined;
}

const idsIn = (message: Message): readonly string[] =>
  message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : block.type === 'tool_result' ? [block.toolUseId] : []));

/** What is wrong with approvals: who is asked answers once, before the result, and a tool runs only where the answer allows it. */
export function approvalFault(events: readonly StreamEvent[], calls: readonly ScriptedCall[]): string | undefined {
  const decisions = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'retry' && event.content.discard) {
      for (const call of decisions.keys()) if (call.startsWith(keyOf(event, ''))) decisions.delete(call);
    }
    if (event.type !== 'tool_approval' && event.type !== 'tool_result') continue;
    const call = keyOf(event, event.content.id);
    const before = decisions.get(call);
    if (event.type === 'tool_approval') {
      const { decision } = event.content;
      if (decision === 'requested' ? before !== undefined : before !== 'requested') return `${decision} of ${call}, which is ${before ?? 'not asked for'}`;
      decisions.set(call, decision);
    } else decisions.set(call, `${before ?? 'nothing'}, and answered`);
  }
  const unasked = calls.find(({ id, context }) => /^(requested|denied)/.test(decisions.get(keyOf(context, id)) ?? ''));
  return unasked === undefined ? undefined : `${unasked.name} ran though its call was not allowed`;
}

/** What is wrong with when tools ran: no more at once than allowed, and one that runs alone beside no other. */
export function scheduleFault({ toolConcurrency, exclusive }: LoopCase, calls: readonly ScriptedCall[]): string | undefined {
  const took = calls.map((call) => ({ ...call, endedAt: call.endedAt ?? Infinity })).filter(({ startedAt, endedAt }) => endedAt > startedAt);
  for (const one of took) {
    const beside = took.filter((other) => other.startedAt <= one.startedAt && other.endedAt > one.startedAt && keyOf(other.context, '') === keyOf(one.context, ''));
    if (beside.length > toolConcurrency) return `${beside.length} tools ran at once`;
    if (beside.length > 1 && beside.some(({ name }) => exclusive.includes(name))) return `${beside.map(({ name }) => name).join(' and ')} ran at once`;
  }
  return undefined;
}

/** What is wrong with the messages: the results of a turn's calls stand in one message, in the order of the calls. */
function messageFault(events: readonly StreamEvent[]): string | undefined {
  let asked: readonly string[] = [];
  for (const event of events) {
    if (event.path.length > 0) continue;
    if (event.type === 'message') {
      const ids = idsIn(event.message);
      if (event.message.role === 'assistant') asked = ids;
      else if (ids.length > 0) {
        if (ids.join() !== asked.join()) return `the calls ${asked.join()} are answered in the order ${ids.join()}`;
        asked = [];
      }
    } else if (event.type === 'iteration_end' && asked.length > 0) return `iteration ${event.iteration} ended without a message of results`;
  }
  return undefined;
}

/** What is wrong with what the model was sent, and with what was kept. */
function historiesFault({ turns }: LoopCase, { requests, before, kept, events }: Played): string | undefined {
  for (const [nth, { messages }] of requests.entries()) {
    const fault = historyFault(messages);
    if (fault !== undefined) return `request ${nth}: ${fault}`;
  }
  // What came in broken is kept as it came, and so are ids that a model uses again; either is mended when it is sent.
  const judged = historyFault(before) === undefined && !turns.some(({ ending }) => ending === 'again');
  const fault = judged ? historyFault(kept) : undefined;
  if (fault !== undefined) return `the history that was kept: ${fault}`;
  const end = events.at(-1);
  if ((end?.type !== 'complete' && end?.type !== 'error') || end.path.length > 0) return undefined;
  const added = kept.slice(before.length);
  const same = added.length === end.messages.length && added.every((message, at) => JSON.stringify(message) === JSON.stringify(end.messages[at]));
  return same ? undefined : `the run says that it added ${end.messages.length} messages, and the history got ${added.length}`;
}

/** Whether the case may leave a run without an end: a turn or a tool that never ends, with nothing that stops it. */
function mayHang({ turns, approval }: LoopCase): boolean {
  return approval === 'never' || turns.some(({ ending }) => ending === 'hung');
}

/** What is wrong with how the run ended. */
function endFault(one: LoopCase, { events, late, failure, completed, unsubscribed, running }: Played): string | undefined {
  if (failure !== undefined) return `an Rx error: ${messageOf(failure)}`;
  if (late.length > 0) return `${late[0]?.type ?? ''} came after the run had been unsubscribed`;
  if (unsubscribed === 'since it hung' && !mayHang(one)) return 'the run did not end';
  if (completed && events.filter(isEnd).length !== 1) return `the run completed with ${events.filter(isEnd).length} last events`;
  return running.length > 0 ? `still running: ${running.join(', ')}` : undefined;
}

/** What is wrong with what came of a case; undefined if all laws hold. */
export function faultOf(one: LoopCase, played: Played): string | undefined {
  const { events } = played;
  const over = events.some(isEnd);
  return endFault(one, played) ?? orderFault(events) ?? callFault(events, over) ?? messageFault(events) ?? approvalFault(events, played.calls) ?? scheduleFault(one, played.calls) ?? historiesFault(one, played);
}
