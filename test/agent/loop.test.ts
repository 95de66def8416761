import { concat, defer, from, of, Subject, takeLast, throwError } from 'rxjs';
import { agent, eventFactory, ModelError, progress, tool, type AgentOptions, type Provider, type RunParams } from 'coldstream';
import { assistant, event, scriptedProvider, scriptedTool, textTurn, tokens, toolTurn, turn, user, type ScriptedToolUse, type ScriptedTurn } from 'coldstream/testing';
import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Message } from '../../src/messages/message.js';
import { collect } from '../support/collect.js';

const add = tool({
  name: 'add',
  description: 'Adds two numbers.',
  input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  execute: ({ a, b }) => a + b,
});

const callAdd = (id: string, a = 1, b = 2) => ({ id, name: 'add', input: { a, b } });

function run(turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}, params: RunParams = {}, input: string | Message = 'Hi') {
  const provider = scriptedProvider(turns);
  const events = collect(agent({ provider, tools: [add], ...options })(input, params));
  return { events, requests: provider.requests, types: events.map(({ type }) => type), last: events.at(-1) };
}

function ofType<Type extends StreamEvent['type']>(events: readonly StreamEvent[], type: Type): readonly StreamEventOf<Type>[] {
  return events.filter((each): each is StreamEventOf<Type> => each.type === type);
}

/** Where a subscription keeps what is torn down with it: those of RxJS, and the relays and sequences that stand in for them. */
const TEARDOWNS = ['_finalizers', 'first', 'others', 'current'] as const;

/** How many subscriptions and teardowns hang on one, itself included. */
function liveSubscriptions(subscription: unknown, counted = new Set<unknown>()): number {
  if (subscription === undefined || counted.has(subscription)) return 0;
  counted.add(subscription);
  if (typeof subscription !== 'object' || subscription === null) return 1;
  const held = TEARDOWNS.flatMap((name): unknown => Reflect.get(subscription, name) ?? []);
  return held.reduce<number>((sum, each) => sum + liveSubscriptions(each, counted), 1);
}

describe('a run', () => {
  const twoTurns = [toolTurn(callAdd('call_1', 17, 25)), textTurn('It is ', '42.')];

  it('has its events in the documented order', () => {
    expect(run(twoTurns).types).toEqual([
      'run_start',
      'iteration_start',
      'tool_input_start',
      'tool_input_delta',
      'tool_use_start',
      'usage',
      'message',
      'tool_result',
      'tool_use_end',
      'message',
      'iteration_end',
      'iteration_start',
      'text_delta',
      'text_delta',
      'usage',
      'message',
      'iteration_end',
      'complete',
    ]);
  });

  it('numbers its events without gaps, under one run id, by iteration', () => {
    const { events } = run(twoTurns, {}, { runId: 'run_x' });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(new Set(events.map(({ runId }) => runId))).toEqual(new Set(['run_x']));
    expect(events.map(({ iteration }) => iteration)).toEqual([...Array<number>(11).fill(0), ...Array<number>(7).fill(1)]);
    expect(events.every(({ path }) => path.length === 0)).toBe(true);
  });

  it('sends the assistant message and all results, and completes with what was added', () => {
    const { requests, last } = run(twoTurns);
    const added: readonly Message[] = [
      user('Hi'),
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'add', input: { a: 17, b: 25 } }] },
      { role: 'user', content: [{ type: 'tool_result', toolUseId: 'call_1', content: [{ type: 'text', text: '42' }], isError: false }] },
      { role: 'assistant', content: [{ type: 'text', text: 'It is 42.' }] },
    ];
    expect(requests.map(({ messages }) => messages)).toEqual([added.slice(0, 1), added.slice(0, 3)]);
    expect(requests.map(({ iteration, attempt, path }) => ({ iteration, attempt, path }))).toEqual([
      { iteration: 0, attempt: 1, path: [] },
      { iteration: 1, attempt: 1, path: [] },
    ]);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'end_turn', iterations: 2, messages: added, usage: tokens(20, 10) });
  });

  it('offers the model the tools and passes what the run asks for', () => {
    const { requests } = run(
      twoTurns,
      { instructions: 'Be brief.' },
      { maxTokens: 9, temperature: 0.5, stopSequences: ['END'], toolChoice: 'any', metadata: { a: 1 } },
    );
    const { name, description, inputSchema } = add;
    expect(requests[0]).toMatchObject({
      instructions: 'Be brief.',
      tools: [{ name, description, inputSchema }],
      maxTokens: 9,
      temperature: 0.5,
      stopSequences: ['END'],
      toolChoice: 'any',
    });
    expect(requests[1]).not.toHaveProperty('toolChoice');
  });

  it('offers only the tools that the filter lets pass', () => {
    const other = scriptedTool('other', 'done');
    expect(run([textTurn('ok')], { tools: [add, other] }, { toolFilter: ({ name }) => name === 'other' }).requests[0]?.tools).toEqual([
      { name: 'other', description: other.description, inputSchema: other.inputSchema },
    ]);
  });

  it('counts each iteration and the run', () => {
    const costs = [
      turn({ tools: [callAdd('call_1')], usage: tokens(100, 10) }),
      turn({ text: ['ok'], usage: tokens(200, 20, { cacheReadTokens: 7 }) }),
    ];
    const { events, last } = run(costs);
    expect(ofType(events, 'iteration_end').map(({ usage }) => usage)).toEqual([tokens(100, 10), tokens(200, 20, { cacheReadTokens: 7 })]);
    expect(last).toMatchObject({ usage: tokens(300, 30, { cacheReadTokens: 7 }) });
  });

  it('says null where the service reported no usage', () => {
    const { events, last } = run([turn({ text: ['ok'], usage: null })]);
    expect(ofType(events, 'iteration_end')[0]?.usage).toBeNull();
    expect(last).toMatchObject({ usage: null });
  });

  it('owes nothing to the calls of an attempt that a retry takes back, but counts what it cost', () => {
    const retried = [event.toolUse('call_1', 'add'), event.usage(tokens(3, 1)), event.retry({ discard: true }, tokens(5, 1)), ...textTurn('ok')];
    const { events, last } = run([retried]);
    expect(ofType(events, 'tool_result')).toEqual([]);
    expect(ofType(events, 'iteration_end')).toMatchObject([{ usage: tokens(15, 6) }]);
    expect(last).toMatchObject({ type: 'complete', usage: tokens(15, 6) });
  });

  it('adds what a tool spent on models to the run, and not to the iteration', () => {
    const spender = scriptedTool('add', { type: 'tool_outcome', content: [], isError: false, usage: tokens(7, 7) });
    const { events, last } = run([toolTurn(callAdd('call_1')), textTurn('ok')], { tools: [spender] });
    expect(ofType(events, 'iteration_end')[0]?.usage).toEqual(tokens(10, 5));
    expect(last).toMatchObject({ usage: tokens(27, 17) });
  });

  it('counts an attempt that was abandoned in the usage of a run that fails', () => {
    const { last } = run([[event.retry({ discard: false }, tokens(5, 1)), event.usage(tokens(3, 1))]], { resilience: false });
    expect(last).toMatchObject({ type: 'error', usage: tokens(8, 2) });
  });

  it('gives each subscription a run of its own (C6)', () => {
    const provider = scriptedProvider([textTurn('one'), textTurn('two')]);
    const run$ = agent({ provider })('Hi');
    expect(provider.requests).toHaveLength(0);
    const [first, second] = [collect(run$), collect(run$)];
    expect(provider.requests).toHaveLength(2);
    expect(first.map(({ seq }) => seq)).toEqual(second.map(({ seq }) => seq));
    expect(first[0]?.runId).not.toBe(second[0]?.runId);
  });

  it('takes the events of a provider that counts on from the request as they are, and copies others', () => {
    const made: StreamEvent[] = [];
    const answering =
      (counts: boolean): Provider =>
      ({ seq, ...request }) => {
        const create = eventFactory(counts && seq !== undefined ? { ...request, seq } : request, 'm');
        const call = { id: 'call_1', name: 'add', input: { a: 1, b: 2 } };
        const events =
          request.iteration === 0
            ? [create({ type: 'tool_use_start', content: call }), create({ type: 'message', message: { role: 'assistant', content: [{ type: 'tool_use', ...call }] }, stopReason: 'tool_use' })]
            : [create({ type: 'text_delta', content: '3', block: 0 }), create({ type: 'message', message: assistant('3'), stopReason: 'end_turn' })];
        made.push(...events);
        return from(events);
      };
    for (const counts of [true, false]) {
      made.length = 0;
      const events = collect(agent({ provider: answering(counts), tools: [add] })('Hi'));
      expect(made).toHaveLength(4);
      expect(made.filter((each) => events.includes(each))).toEqual(counts ? made : []);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
      expect(events.at(-1)).toMatchObject({ type: 'complete', iterations: 2 });
    }
  });

  it('holds no more at its 200th turn than at its second', () => {
    let answer = new Subject<StreamEvent>();
    const provider = () => (answer = new Subject<StreamEvent>());
    const ended: StreamEvent['type'][] = [];
    const subscription = agent({ provider, tools: [add], maxIterations: 300, maxRepeats: false })('Go on').subscribe(({ type }) => {
      if (type === 'complete' || type === 'error') ended.push(type);
    });
    const held: number[] = [];
    for (let turns = 1; turns <= 200; turns += 1) {
      held.push(liveSubscriptions(subscription));
      for (const each of toolTurn(callAdd(`call_${String(turns)}`))) answer.next(each);
    }
    expect(held[1]).toBeGreaterThan(8);
    expect(held.slice(1)).toEqual(held.slice(1).fill(held[1] ?? 0));
    subscription.unsubscribe();
    expect(answer.observed).toBe(false);
    expect(ended).toEqual([]);
  });

  it('does 5,000 synchronous turns and stops at its limit (M15)', () => {
    let requests = 0;
    const provider = () => defer(() => from(toolTurn(callAdd(`call_${String((requests += 1))}`))));
    const events = collect(agent({ provider, tools: [add], maxIterations: 5_000, maxRepeats: false })('Go on').pipe(takeLast(1)));
    expect(events).toMatchObject([{ type: 'complete', stopReason: 'max_iterations', iterations: 5_000 }]);
    expect(requests).toBe(5_000);
  });

  it('changes no event that it was given', () => {
    const given = textTurn('one', 'two').map((each) => Object.freeze(each));
    expect(run([given]).last).toMatchObject({ type: 'complete' });
  });
});

describe('tools', () => {
  const results = (events: readonly StreamEvent[]) =>
    ofType(events, 'tool_result').map(({ content: { id, content, isError } }) => ({
      id,
      isError,
      text: content.map((block) => (block.type === 'text' ? block.text : block.type)).join(''),
    }));

  it.each<[string, Partial<AgentOptions>, ScriptedToolUse, RegExp]>([
    ['M1 an unknown name', {}, { id: 'call_1', name: 'subtract', input: {} }, /no tool named "subtract".*add/],
    ['M3 input that the schema refuses', {}, { id: 'call_1', name: 'add', input: { a: 'one', b: 2 } }, /add is not valid.*\ba\b/],
    ['M4 no input', {}, { id: 'call_1', name: 'add', input: {} }, /add is not valid.*"a"/],
    [
      'T1 a throw',
      { tools: [tool({ name: 'add', description: '', input: { type: 'object' }, execute: () => { throw new TypeError('out of paper'); } })] },
      callAdd('call_1'),
      /^out of paper$/,
    ],
    [
      'T6 a value that JSON cannot hold',
      { tools: [tool({ name: 'add', description: '', input: { type: 'object' }, execute: () => 1n })] },
      callAdd('call_1'),
      /BigInt/,
    ],
  ])('%s becomes an error result that the model reads, and the loop goes on', (_, options, call, message) => {
    const { events, requests, last } = run([toolTurn(call), textTurn('Sorry.')], options);
    expect(results(events)).toEqual([{ id: 'call_1', isError: true, text: expect.stringMatching(message) }]);
    expect(requests).toHaveLength(2);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'end_turn' });
  });

  it('M2 invalid JSON is never run and told to the model', () => {
    const tools = [scriptedTool('add', 'never')];
    const broken: readonly StreamEvent[] = [
      event.invalidToolUse('call_1', 'add', '{"a":', 'Unexpected end of JSON input'),
      event.message({ role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'add', input: {} }] }, { stopReason: 'tool_use' }),
    ];
    const { events } = run([broken, textTurn('Sorry.')], { tools });
    expect(results(events)).toEqual([{ id: 'call_1', isError: true, text: expect.stringContaining('not valid JSON') }]);
    expect(tools[0]?.calls).toEqual([]);
  });

  it.each([
    ['M6', 'max_tokens'],
    ['M8', 'end_turn'],
    ['M11', 'refusal'],
    ['M13', 'model_context_window_exceeded'],
    ['N24', 'something_new'],
  ])('%s calls of a turn that ended with %s are answered and not run', (_, stopReason) => {
    const spy = scriptedTool('add', 'never');
    const { events, requests, last } = run([turn({ tools: [callAdd('call_1')], stopReason })], { tools: [spy] });
    expect(spy.calls).toEqual([]);
    expect(results(events)).toEqual([{ id: 'call_1', isError: true, text: expect.stringContaining('was not run') }]);
    expect(ofType(events, 'tool_use_end')).toHaveLength(1);
    expect(requests).toHaveLength(1);
    expect(last).toMatchObject({ type: 'complete', stopReason });
  });

  it('M5 a call that was cut is not run, and the history that is kept answers it', () => {
    const spy = scriptedTool('add', 'never');
    const cut: readonly StreamEvent[] = [
      event.toolInputStart('call_1', 'add'),
      event.toolInputDelta('call_1', '{"a": 1'),
      event.message({ role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'add', input: { a: 1 } }] }, { stopReason: 'max_tokens' }),
    ];
    const { events, last } = run([cut], { tools: [spy] });
    expect(spy.calls).toEqual([]);
    expect(results(events)).toEqual([]);
    expect(last).toMatchObject({
      type: 'complete',
      stopReason: 'max_tokens',
      messages: [user('Hi'), { role: 'assistant' }, { role: 'user', content: [{ type: 'tool_result', toolUseId: 'call_1', isError: true }] }],
    });
  });

  it('M7 calls of a turn without its end are answered before the error, and not run', () => {
    const spy = scriptedTool('add', 'never');
    const { events, last } = run([toolTurn(callAdd('call_1')).filter(({ type }) => type !== 'message')], { tools: [spy], resilience: false });
    expect(spy.calls).toEqual([]);
    expect(events.slice(-3).map(({ type }) => type)).toEqual(['tool_result', 'tool_use_end', 'error']);
    expect(last).toMatchObject({ type: 'error', content: { code: 'truncated', partial: true }, messages: [], usage: tokens(10, 5) });
  });

  it('M9 one call id twice in a turn is a protocol error', () => {
    const { events, last } = run([toolTurn(callAdd('call_1'), callAdd('call_1'))]);
    expect(last).toMatchObject({ type: 'error', content: { code: 'protocol' } });
    expect(results(events)).toHaveLength(1);
  });

  it('M10 an empty answer is a success, and no empty message is kept', () => {
    expect(run([turn({})]).last).toMatchObject({ type: 'complete', stopReason: 'end_turn', messages: [user('Hi')] });
  });

  it('M12 a paused turn is continued with its content as it is, and counts as an iteration', () => {
    const { requests, last } = run([turn({ text: ['Searching'], stopReason: 'pause_turn' }), textTurn('Found.')]);
    expect(requests[1]?.messages).toEqual([user('Hi'), { role: 'assistant', content: [{ type: 'text', text: 'Searching' }] }]);
    expect(last).toMatchObject({ stopReason: 'end_turn', iterations: 2 });
  });

  it('M12 a turn that is paused for ever ends at the limit of iterations', () => {
    const paused = turn({ text: ['Searching'], stopReason: 'pause_turn' });
    expect(run([paused, paused, paused], {}, { maxIterations: 3 }).last).toMatchObject({ type: 'complete', stopReason: 'max_iterations', iterations: 3 });
  });

  it('M19 output that the service calls malformed is a typed error, after its cost, and none of its calls is run', () => {
    const spy = scriptedTool('add', 'never');
    const written = toolTurn(callAdd('call_1')).filter(({ type }) => type !== 'message');
    const malformed = concat(from(written), throwError(() => new ModelError('The service says malformed_tool_use', { partial: true })));
    const { events, requests, last } = run([malformed], { tools: [spy] });
    expect(spy.calls).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(results(events)).toMatchObject([{ id: 'call_1', isError: true }]);
    expect(last).toMatchObject({ type: 'error', content: { code: 'model', partial: true }, usage: tokens(10, 5), messages: [] });
  });

  it('T4 a huge text is cut between code points, with a note', () => {
    const huge = tool({ name: 'add', description: '', input: { type: 'object' }, execute: () => `a${'😀'.repeat(200_000)}` });
    const { events } = run([toolTurn(callAdd('call_1')), textTurn('ok')], { tools: [huge] });
    const [result] = results(events);
    expect(Buffer.from(result?.text ?? '').toString()).toBe(result?.text);
    expect(result?.text.length).toBeLessThan(262_300);
    expect(result?.text).toMatch(/characters are left out\)$/);
  });

  it('T5 bytes become an image where they are one, and a note otherwise', () => {
    const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
    const bytes = tool({ name: 'add', description: '', input: { type: 'object' }, execute: ({ a }) => (a === 1 ? image : new Uint8Array(5)) });
    const { events } = run([toolTurn(callAdd('call_1', 1), callAdd('call_2', 2)), textTurn('ok')], { tools: [bytes], toolConcurrency: 1 });
    expect(ofType(events, 'tool_result').map(({ content }) => content.content)).toEqual([
      [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: Buffer.from(image).toString('base64') } }],
      [{ type: 'text', text: expect.stringContaining('5 bytes') }],
    ]);
  });

  it('report under the model that called them', () => {
    const reporting = tool({ name: 'add', description: '', input: { type: 'object' }, execute: () => of(progress({ progress: 1 }), 'done') });
    const { events } = run([turn({ tools: [callAdd('call_1')], model: 'claude' }), textTurn('ok')], { tools: [reporting] });
    expect(ofType(events, 'tool_progress')).toMatchObject([{ model: 'claude', iteration: 0, path: [], content: { progress: 1 } }]);
  });

  it('cannot speak for the run that called it', () => {
    const liar = scriptedTool('add', 'done');
    const lying = { ...liar, run: () => agent({ provider: scriptedProvider([textTurn('mine')]) })('x') };
    const { events, last } = run([toolTurn(callAdd('call_1')), textTurn('ok')], { tools: [lying] });
    expect(ofType(events, 'run_start')).toHaveLength(1);
    expect(results(events)).toEqual([{ id: 'call_1', isError: true, text: expect.stringContaining('without a result') }]);
    expect(last).toMatchObject({ type: 'complete' });
  });

  it('D15 two tools of one name end the run with what to do', () => {
    expect(run([textTurn('ok')], { tools: [add, add] }).last).toMatchObject({
      type: 'error',
      content: { code: 'configuration', error: expect.stringContaining('namespace') },
    });
  });
});

describe('the last allowed iteration', () => {
  it('is told to answer, and may not call', () => {
    const { events, requests, last } = run([toolTurn(callAdd('call_1')), textTurn('Done.')], { maxIterations: 2, finalAnswerPrompt: 'Answer now.' });
    expect(requests[1]?.toolChoice).toBe('none');
    expect(requests[1]?.messages.at(-1)).toEqual(user('Answer now.'));
    expect(events.slice(11, 13)).toMatchObject([{ type: 'iteration_start' }, { type: 'message', message: user('Answer now.') }]);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'end_turn', iterations: 2 });
  });

  it('ends with max_iterations if the model still calls', () => {
    const spy = scriptedTool('add', 'once');
    const { events, last } = run([toolTurn(callAdd('call_1')), toolTurn(callAdd('call_2'))], { maxIterations: 2, tools: [spy] });
    expect(spy.calls.map(({ id }) => id)).toEqual(['call_1']);
    expect(ofType(events, 'tool_result').map(({ content }) => [content.id, content.isError])).toEqual([['call_1', false], ['call_2', true]]);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'max_iterations', iterations: 2 });
  });

  it('ends with max_iterations if the model answers with nothing', () => {
    expect(run([toolTurn(callAdd('call_1')), turn({})], { maxIterations: 2 }).last).toMatchObject({ type: 'complete', stopReason: 'max_iterations' });
  });

  it('is not told so if it is the first, and may be set for one run', () => {
    const { requests, last } = run([toolTurn(callAdd('call_1'))], {}, { maxIterations: 1 });
    expect(requests[0]?.messages).toEqual([user('Hi')]);
    expect(requests[0]).not.toHaveProperty('toolChoice');
    expect(last).toMatchObject({ type: 'complete', stopReason: 'max_iterations', iterations: 1 });
  });
});

describe('a run that fails', () => {
  it('ends with one error event and never with an Rx error', () => {
    const { types, last } = run([new Error('no idea')]);
    expect(types).toEqual(['run_start', 'iteration_start', 'error']);
    expect(last).toMatchObject({ content: { error: 'no idea', code: 'unknown', retryable: false, partial: false }, usage: null, messages: [] });
  });

  it('says what is wrong with its parameters', () => {
    const { types, last } = run([], {}, { maxIterations: 0 });
    expect(types).toEqual(['run_start', 'error']);
    expect(last).toMatchObject({ content: { code: 'configuration', error: expect.stringContaining('maxIterations') } });
    expect(() => agent({ provider: scriptedProvider([]), toolConcurrency: 0.5 })).toThrow('toolConcurrency');
  });

  it('keeps what was finished before, and what it cost', () => {
    const { last } = run([toolTurn(callAdd('call_1')), new Error('gone')]);
    expect(last).toMatchObject({ type: 'error', usage: tokens(10, 5), messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }] });
  });
});
