import { EMPTY, map, take, tap, timer } from 'rxjs';
import { ServerError, TimeoutError } from '../../src/errors/errors.js';
import type { ModelRequest, Provider } from '../../src/provider.js';
import { errorOutcome, type ToolContext } from '../../src/tools/types.js';
import { asking, assistant, event, firstDifference, marbles, scriptedProvider, scriptedTool, textTurn, tokens, toolTurn, turn, user } from 'coldstream/testing';

const asked = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({ messages: [user(text)], ...more });
const context = (more: Partial<ToolContext> = {}): ToolContext => ({
  id: 'call_1', name: 'clock', signal: new AbortController().signal, runId: 'run_1', path: [], iteration: 0, ...more,
});
const call = { id: 'call_1', name: 'clock', input: { zone: 'Lima' } };

describe('turns', () => {
  it('textTurn: deltas, usage, message', () => {
    const usage = tokens(10, 5);
    expect(firstDifference(textTurn('Hel', 'lo'), [
      event.text('Hel'), event.text('lo'), event.usage(usage), event.message('Hello', { stopReason: 'end_turn', usage }),
    ])).toBeUndefined();
  });
  it('toolTurn: input in pieces, finished call, message', () => {
    const usage = tokens(10, 5);
    const message = assistant([{ type: 'tool_use', id: 'call_1', name: 'add', input: { a: 1 } }, { type: 'tool_use', id: 'call_2', name: 'clock', input: {} }]);
    expect(firstDifference(toolTurn({ id: 'call_1', name: 'add', input: { a: 1 } }, { id: 'call_2', name: 'clock' }), [
      event.toolInputStart('call_1', 'add'),
      event.toolInputDelta('call_1', '{"a":1}'),
      event.toolUse('call_1', 'add', { a: 1 }),
      event.toolInputStart('call_2', 'clock', { block: 1 }),
      event.toolInputDelta('call_2', '{}', { block: 1 }),
      event.toolUse('call_2', 'clock'),
      event.usage(usage),
      event.message(message, { stopReason: 'tool_use', usage }),
    ])).toBeUndefined();
  });
  it('turn: blocks in order, another end, no usage, numbered', () => {
    const events = turn({ thinking: ['hm'], text: ['Hi'], stopReason: 'max_tokens', usage: null, model: 'm' });
    const message = assistant([{ type: 'thinking', thinking: 'hm' }, { type: 'text', text: 'Hi' }]);
    expect(firstDifference(events, [
      event.thinking('hm', { model: 'm' }),
      event.text('Hi', { block: 1, seq: 1, model: 'm' }),
      event.message(message, { stopReason: 'max_tokens', usage: null, seq: 2, model: 'm' }),
    ], { envelope: true })).toBeUndefined();
  });
});

describe('scriptedProvider', () => {
  it('answers request by request, and remembers them', marbles((m) => {
    const provider = scriptedProvider([textTurn('One'), textTurn('Two')]);
    const texts = (request: ModelRequest) => provider(request).pipe(map(({ type }) => type));
    expect(provider.requests).toEqual([]);
    const first = asked('1');
    m.expectObservable(texts(first)).toBe('(tum|)', { t: 'text_delta', u: 'usage', m: 'message' });
    m.expectObservable(provider(asked('2')), '--^').toBe('--(tum|)', {
      t: event.text('Two'), u: event.usage(tokens(10, 5)), m: event.message('Two', { stopReason: 'end_turn', usage: tokens(10, 5) }),
    });
    m.flush();
    expect(provider.requests).toEqual([asked('1'), asked('2')]);
    expect(provider.requests[0]).toBe(first);
    provider.assertConsumed();
  }));

  it('takes a turn when it is subscribed, not when it is called', marbles((m) => {
    const provider = scriptedProvider([textTurn('One')]);
    const answer$ = provider(asked('1'));
    expect(provider.requests).toHaveLength(0);
    expect(() => provider.assertConsumed()).toThrow('scriptedProvider got 0 requests, and nobody asked for turn 1 of 1.');
    m.expectObservable(answer$.pipe(map(() => 'e'))).toBe('(eee|)');
  }));

  it('stamps the step that asks: run, path, iteration, number, time', marbles((m) => {
    const provider = scriptedProvider([m.cold('-a-b|', { a: event.text('x', { seq: 9 }), b: event.text('y') })]);
    const step = { runId: 'run_7', path: ['call_1'], iteration: 3 };
    m.expectObservable(provider(asked('1', step)), '--^', { envelope: true }).toBe('---a-b|', {
      a: event.text('x', { ...step, seq: 0, timestamp: 3 }),
      b: event.text('y', { ...step, seq: 1, timestamp: 5 }),
    });
  }));

  it('fails with an Error, and with a clear one when the script is over', marbles((m) => {
    const provider = scriptedProvider([new ServerError('down', { status: 500 })]);
    m.expectObservable(provider(asked('1'))).toBe('#', undefined, new ServerError('down', { status: 500 }));
    m.expectObservable(provider(asked('2')), '-^').toBe('-#', undefined, new Error('scriptedProvider has no turn for request 2 (iteration 0, attempt 1, asking "2"): 1 turn, all used.'));
    m.flush();
    expect(() => provider.assertConsumed()).toThrow('scriptedProvider has 1 turn, and none for request 2.');
  }));

  it('asks a function with the request; what it throws is an error of the provider', marbles((m) => {
    const provider = scriptedProvider([
      (request) => textTurn(request.messages.length === 1 ? 'one' : 'many').slice(0, 1),
      () => () => new TimeoutError('late'),
      () => { throw new TypeError('script'); },
    ]);
    m.expectObservable(provider(asked('1'))).toBe('(a|)', { a: event.text('one') });
    m.expectObservable(provider(asked('2')), '-^').toBe('-#', undefined, new TimeoutError('late'));
    m.expectObservable(provider(asked('3')), '--^').toBe('--#', undefined, new TypeError('script'));
  }));

  it('keeps time: latency before a turn, pace before each event', marbles((m) => {
    const values = { a: event.text('a'), b: event.text('b') };
    const provider = scriptedProvider([[values.a, values.b], [values.a]], { latency: 2, pace: 3 });
    m.expectObservable(provider(asked('1'))).toBe('-----a--(b|)', values);
    m.expectObservable(provider(asked('2')), '-^---!').toBe('-');
  }));

  it('is stopped by unsubscribing', marbles((m) => {
    const source = m.cold('-a-a-a', { a: event.text('a') });
    m.expectObservable(scriptedProvider([source])(asked('1')), '--!').toBe('-a', { a: event.text('a') });
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));
});

describe('scriptedProvider, by what is asked', () => {
  const types = (provider: Provider, request: ModelRequest) => provider(request).pipe(map((each) => (each.type === 'text_delta' ? each.content : each.type)));

  it('answers a request with the first turn that is left and is for it, whatever the order', marbles((m) => {
    const provider = scriptedProvider([
      { when: asking('news'), answer: [event.text('None.')] },
      { when: asking(/weather/i), answer: [event.text('Sunny.')] },
      { when: ({ path = [] }) => path.length > 0, answer: m.cold('--t|', { t: event.text('Inner.') }), times: 2 },
      [event.text('Anything.')],
    ]);
    m.expectObservable(types(provider, asked('The Weather?'))).toBe('(s|)', { s: 'Sunny.' });
    m.expectObservable(types(provider, asked('?', { path: ['call_1'] })), '-^').toBe('---i|', { i: 'Inner.' });
    m.expectObservable(types(provider, asked('The weather?')), '--^').toBe('--(a|)', { a: 'Anything.' });
    m.expectObservable(types(provider, asked('The news?')), '---^').toBe('---(n|)', { n: 'None.' });
    m.expectObservable(types(provider, asked('?', { path: ['call_2'] })), '----^').toBe('------i|', { i: 'Inner.' });
    m.flush();
    provider.assertConsumed();
  }));

  it('looks at the text of the last message, a tool result too', () => {
    const answered = { messages: [user('weather'), user([{ type: 'tool_result', toolUseId: 'a', content: [{ type: 'text', text: 'rain' }], isError: false }])] };
    expect([asking('rain')(answered), asking('weather')(answered), asking(/^rain$/g)(answered), asking('rain')({ messages: [] })]).toEqual([true, false, true, false]);
  });

  it('says which turns nobody asked for, and which requests found none', () => {
    const provider = scriptedProvider([{ when: asking('a'), answer: [], times: 2 }, { when: asking('b'), answer: [], times: Infinity }]);
    const ask = (text: string): void => void provider(asked(text)).subscribe({ error: () => undefined });
    expect(() => provider.assertConsumed()).toThrow('scriptedProvider got 0 requests, and nobody asked for turn 1, turn 2 of 2.');
    ask('a');
    ask('b');
    expect(() => provider.assertConsumed()).toThrow('scriptedProvider got 2 requests, and nobody asked for turn 1 (1 of 2 times) of 2.');
    ask('a');
    ask('b');
    provider.assertConsumed();
    ask('c');
    expect(() => provider.assertConsumed()).toThrow('scriptedProvider has 2 turns, and none for request 5.');
  });

  it('counts the answers that are under way', marbles((m) => {
    const provider = scriptedProvider([m.cold('--t--|', { t: event.text('a') })], { latency: 1 });
    m.expectObservable(provider(asked('1')), '----!').toBe('---t', { t: event.text('a') });
    m.expectObservable(timer(0, 2).pipe(take(4), map(() => String(provider.open)))).toBe('1-1-0-(0|)');
  }));
});

describe('scriptedTool', () => {
  const outcome = (text: string, structured?: object) => ({
    type: 'tool_outcome', content: [{ type: 'text', text }], isError: false, ...(structured === undefined ? {} : { structured }),
  });

  it('answers with a string, a value, an outcome', marbles((m) => {
    m.expectObservable(scriptedTool('clock', 'noon').run(call, context())).toBe('(a|)', { a: outcome('noon') });
    m.expectObservable(scriptedTool('clock', { hour: 12 }).run(call, context())).toBe('(a|)', { a: outcome('{"hour":12}', { hour: 12 }) });
    m.expectObservable(scriptedTool('clock', errorOutcome('no')).run(call, context())).toBe('(a|)', { a: errorOutcome('no') });
  }));

  it('asks a function with the input, and fails with an Error', marbles((m) => {
    const tool = scriptedTool('clock', (input, { id }) => `${JSON.stringify(input)} ${id}`);
    m.expectObservable(tool.run(call, context())).toBe('(a|)', { a: outcome('{"zone":"Lima"} call_1') });
    m.expectObservable(scriptedTool('clock', new TypeError('no')).run(call, context())).toBe('#', undefined, new TypeError('no'));
    m.expectObservable(scriptedTool('clock', () => { throw new TypeError('no'); }).run(call, context())).toBe('#', undefined, new TypeError('no'));
  }));

  it('plays an Observable: events, then the answer', marbles((m) => {
    const progress = event.toolProgress('call_1', 'clock', { progress: 1 });
    const tool = scriptedTool('clock', m.cold('-p-(a|)', { p: progress, a: 'noon' }));
    m.expectObservable(tool.run(call, context())).toBe('-p-(a|)', { p: progress, a: outcome('noon') });
  }));

  it('keeps time, and records how each call went', marbles((m) => {
    const tool = scriptedTool('clock', () => 'noon', { latency: 30_000 });
    const failing = scriptedTool('bad', new Error('no'));
    m.expectObservable(tool.run(call, context())).toBe('30s (a|)', { a: outcome('noon') });
    m.expectObservable(tool.run({ ...call, id: 'call_2' }, context()), '1s ^ 1s !').toBe('-');
    m.expectObservable(failing.run(call, context())).toBe('#', undefined, new Error('no'));
    m.expectObservable(timer(5).pipe(tap(() => expect(tool.calls).toMatchObject([{ state: 'running' }])), map(() => 'x'))).toBe('-----(x|)');
    expect(tool.calls).toEqual([]);
    m.flush();
    expect(tool.calls).toMatchObject([
      { ...call, startedAt: 0, endedAt: 30_000, state: 'answered' },
      { ...call, id: 'call_2', startedAt: 1_000, endedAt: 2_001, state: 'stopped' },
    ]);
    expect(failing.calls).toMatchObject([{ state: 'failed' }]);
  }));

  it('presents itself', () => {
    expect(scriptedTool('clock', 'noon')).toMatchObject({ name: 'clock', description: 'clock', inputSchema: { type: 'object' } });
    expect(scriptedTool('clock', 'noon', { timeout: 5, description: 'Time', inputSchema: { type: 'object', properties: {} } })).toMatchObject({
      timeout: 5, description: 'Time', inputSchema: { type: 'object', properties: {} },
    });
    expect('timeout' in scriptedTool('clock', EMPTY)).toBe(false);
  });
});
