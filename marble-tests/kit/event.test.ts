import type { StreamEvent, StreamEventType } from '../../src/events/events.js';
import { event, firstDifference, tokens, user } from 'coldstream/testing';

/** Each type once; the compiler asks for a new one here when there is one. */
const alphabet: { readonly [Type in StreamEventType]: Extract<StreamEvent, { readonly type: Type }> } = {
  run_start: event.runStart('Hi'),
  iteration_start: event.iterationStart(),
  text_delta: event.text('Hi'),
  thinking: event.thinking('hm'),
  citation: event.citation({ source: 1 }),
  tool_input_start: event.toolInputStart('call_1', 'add'),
  tool_input_delta: event.toolInputDelta('call_1', '{'),
  tool_use_start: event.toolUse('call_1', 'add', { a: 1 }),
  tool_progress: event.toolProgress('call_1', 'add', { progress: 1 }),
  tool_approval: event.toolApproval('call_1', 'add', 'denied', { reason: 'no' }),
  tool_result: event.toolResult('call_1', 'add', '3', { durationMs: 5 }),
  tool_use_end: event.toolUseEnd('call_1', 'add'),
  server_tool_use: event.serverToolUse('call_1', 'search', { q: 'x' }),
  server_tool_result: event.serverToolResult('call_1', 'search', ['y']),
  usage: event.usage(tokens(1, 2)),
  message: event.message('Hi'),
  retry: event.retry({ delayMs: 5_000 }, tokens(1, 0)),
  raw: event.raw({ type: 'new' }),
  custom: event.custom('mine', 1),
  iteration_end: event.iterationEnd(tokens(1, 2)),
  complete: event.complete({ messages: [user('Hi')] }),
  error: event.error('Overloaded'),
};

describe('the event alphabet', () => {
  it.each(Object.entries(alphabet))('%s: named as its type, in a plain envelope, JSON through and through', (type, made) => {
    expect(made.type).toBe(type);
    expect(made).toMatchObject({ runId: 'run_1', seq: 0, path: [], iteration: 0, timestamp: 0, model: null, metadata: {} });
    expect(firstDifference(JSON.parse(JSON.stringify(made)), made, { envelope: true })).toBeUndefined();
  });

  it('takes another envelope, and its own members', () => {
    const envelope = { runId: 'run_2', seq: 4, path: ['call_1'], iteration: 2, timestamp: 9, model: 'm', metadata: { a: 1 } };
    expect(event.text('Hi', { ...envelope, block: 3 })).toEqual({ type: 'text_delta', content: 'Hi', block: 3, ...envelope });
    expect(event.toolUse('call_1', 'add', {}, envelope)).toMatchObject(envelope);
    expect(event.error({ code: 'timeout' }, { usage: tokens(1, 2) })).toMatchObject({ content: { code: 'timeout' }, usage: tokens(1, 2) });
    expect(event.invalidToolUse('call_1', 'add', '{').content.inputError).toEqual({ text: '{', message: 'invalid JSON' });
  });
});
