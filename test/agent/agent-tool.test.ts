import { concat, NEVER, of } from 'rxjs';
import { agent, agentTool, memoryHistory, OverloadedError, tool, type Agent, type AgentInput, type AgentOptions, type StreamEvent, type Tool } from 'coldstream';
import { assistant, event, scriptedProvider, scriptedTool, textTurn, tokens, toolTurn, turn, user, type ScriptedTurn } from 'coldstream/testing';
import { collect } from '../support/collect.js';

const helper = (turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}): Agent =>
  agent({ provider: scriptedProvider(turns), resilience: false, ...options });
const asTool = (made: Agent): Tool => agentTool({ name: 'helper', description: 'Helps.', agent: made });
const call = (input: { readonly [member: string]: string } = { prompt: 'Help' }) => toolTurn({ id: 'call_1', name: 'helper', input });

function run(helping: Tool, options: Partial<AgentOptions> = {}, first: ScriptedTurn = call()) {
  const provider = scriptedProvider([first, textTurn('Done.')]);
  const events = collect(agent({ provider, tools: [helping], ...options })('Hi'));
  const result = events.find((each) => each.type === 'tool_result' && each.path.length === 0);
  const text = result?.type === 'tool_result' ? result.content.content.map((block) => (block.type === 'text' ? block.text : block.type)) : [];
  return { events, text, isError: result?.type === 'tool_result' && result.content.isError, last: events.at(-1), provider };
}

describe('agentTool', () => {
  it('offers the model a tool that takes a prompt, and gives the text of the last answer', () => {
    const inner = scriptedProvider([textTurn('It is ', 'blue.')]);
    const helping = asTool(agent({ provider: inner }));
    const { text, isError, events, provider } = run(helping);
    expect(provider.requests[0]?.tools).toMatchObject([{ name: 'helper', description: 'Helps.', inputSchema: { required: ['prompt'] } }]);
    expect(inner.requests[0]).toMatchObject({ messages: [user('Help')], path: ['call_1'], runId: events[0]?.runId });
    expect([isError, text]).toEqual([false, ['It is blue.']]);
  });

  it('has the events of both in one run: one id, one count, each with its path', () => {
    const { events } = run(asTool(helper([textTurn('blue')])));
    expect(new Set(events.map(({ runId }) => runId)).size).toBe(1);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at));
    const inner = events.filter(({ path }) => path.length > 0);
    expect(inner.map(({ path }) => path)).toEqual(inner.map(() => ['call_1']));
    expect(inner.map(({ type }) => type)).toEqual(['run_start', 'iteration_start', 'text_delta', 'usage', 'message', 'iteration_end', 'complete']);
  });

  it('takes an input of its own, and makes a prompt of it', () => {
    const inputs: AgentInput[] = [];
    const noting: Agent = (input, params) => {
      inputs.push(input);
      return helper([textTurn('ok')])(input, params);
    };
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
    const made = (toPrompt?: (input: { readonly city: string }) => AgentInput) => agentTool({ name: 'helper', description: '', agent: noting, input: schema, toPrompt });
    const lima = call({ city: 'Lima' });
    run(made(({ city }) => assistant(city)), {}, lima);
    run(made(), {}, lima);
    expect(inputs).toEqual([assistant('Lima'), '{"city":"Lima"}']);
    expect(run(made(), {}, call({ town: 'Lima' })).text).toEqual([expect.stringContaining('not valid')]);
    expect(inputs).toHaveLength(2);
  });

  it('T1 a failure of the sub-agent is a result that says so, and the run goes on', () => {
    const { text, isError, last, events } = run(asTool(helper([new OverloadedError('Overloaded')])));
    expect([isError, text]).toEqual([true, ['The agent helper failed: Overloaded']]);
    expect(events.filter(({ type }) => type === 'error').map(({ path }) => path)).toEqual([['call_1']]);
    expect(last).toMatchObject({ type: 'complete', path: [] });
  });

  it.each<[string, ScriptedTurn, boolean, readonly string[]]>([
    ['says nothing', turn({}), true, ['The agent helper gave no answer.']],
    ['refuses', turn({ stopReason: 'refusal' }), true, ['The agent helper gave no answer; it ended with refusal.']],
    ['is cut', turn({ text: ['It is'], stopReason: 'max_tokens' }), false, ['It is', '(The agent was cut short: it ended with max_tokens.)']],
  ])('tells of a sub-agent that %s', (_, answer, isError, text) => {
    expect(run(asTool(helper([answer])))).toMatchObject({ isError, text });
  });

  it('T1 an agent or a prompt that throws is a failed call', () => {
    const broken = asTool(() => {
      throw new Error('no agent');
    });
    expect(run(broken)).toMatchObject({ isError: true, text: ['no agent'], last: { type: 'complete' } });
    expect(run(asTool(() => of(event.text('a', { path: ['call_1'] }))))).toMatchObject({ isError: true, text: ['The agent helper ended without an answer.'] });
  });

  it('T6 a history that another run holds fails the call alone', () => {
    const history = memoryHistory();
    const { events } = run(asTool(helper([textTurn('ok')], { history })), { history });
    expect(events.find(({ type }) => type === 'error')).toMatchObject({ path: ['call_1'], content: { code: 'history_busy' } });
    expect(events.at(-1)).toMatchObject({ type: 'complete' });
  });

  it('nests no deeper than it may', () => {
    let depth = 0;
    const recursive: Agent = (input, params) => {
      depth = Math.max(depth, params?.path?.length ?? 0);
      const deeper = agentTool({ name: 'helper', description: '', agent: recursive, maxDepth: 3 });
      return agent({ provider: scriptedProvider([call(), textTurn('back')]), tools: [deeper] })(input, params);
    };
    const events = collect(recursive('Hi'));
    expect(depth).toBe(3);
    expect(events.filter((each) => each.type === 'tool_result' && each.content.isError)).toMatchObject([
      { path: ['call_1', 'call_1', 'call_1'], content: { content: [{ text: expect.stringContaining('no more than 3') }] } },
    ]);
    expect(() => agentTool({ name: 'helper', description: '', agent: recursive, maxDepth: 0 })).toThrow('maxDepth');
  });
});

describe('what a run with sub-agents costs', () => {
  const costing = (inputTokens: number, text: readonly string[] = ['ok']) => turn({ text, usage: tokens(inputTokens, 0) });
  const calling = (inputTokens: number) => turn({ tools: [{ id: 'call_1', name: 'helper', input: { prompt: 'Help' } }], usage: tokens(inputTokens, 0) });
  const usages = (events: readonly StreamEvent[], type: 'iteration_end' | 'complete') =>
    events.flatMap((each) => (each.type === type ? [[each.path.length, each.usage?.inputTokens]] : []));

  it('is the total over all paths in complete, and an iteration\'s own turns in iteration_end', () => {
    const inner = asTool(helper([costing(1_000)]));
    const middle = asTool(helper([calling(100), costing(200)], { tools: [inner] }));
    const { events } = run(middle, { provider: scriptedProvider([calling(1), costing(2)]) });
    expect(usages(events, 'iteration_end')).toEqual([[2, 1_000], [1, 100], [1, 200], [0, 1], [0, 2]]);
    expect(usages(events, 'complete')).toEqual([[2, 1_000], [1, 1_300], [0, 1_303]]);
  });

  it('counts a sub-agent that failed, with its abandoned attempts', () => {
    const failing = [event.usage(tokens(10, 0)), event.retry({ discard: false }, tokens(20, 0)), event.usage(tokens(30, 0))];
    const { last } = run(asTool(helper([calling(5), failing], { tools: [scriptedTool('helper', 'ok')] })), { provider: scriptedProvider([calling(1), costing(2)]) });
    expect(last).toMatchObject({ type: 'complete', usage: { inputTokens: 58 } });
  });

  it('counts what a sub-agent had cost when the run was stopped by its signal', () => {
    const controller = new AbortController();
    const inner = helper([calling(100), concat(of(event.usage(tokens(30, 0))), NEVER)], { tools: [scriptedTool('helper', 'ok')] });
    const events: StreamEvent[] = [];
    agent({ provider: scriptedProvider([calling(1)]), tools: [asTool(inner)] })('Hi', { signal: controller.signal }).subscribe((each) => events.push(each));
    controller.abort();
    expect(events.at(-1)).toMatchObject({ type: 'error', path: [], content: { code: 'aborted' }, usage: { inputTokens: 131 } });
  });

  it('counts a tool that tells its own spending once', () => {
    const telling: Tool = {
      ...scriptedTool('helper', 'ok'),
      run: () => of(event.usage(tokens(7, 0), { path: ['call_1'] }), { type: 'tool_outcome' as const, content: [], isError: false, usage: tokens(9, 0) }),
    };
    expect(run(telling, { provider: scriptedProvider([calling(1), costing(2)]) }).last).toMatchObject({ usage: { inputTokens: 12 } });
  });
});

it('a tool cannot speak for another call, or for a sub-agent of another', () => {
  const forged = [event.text('a', { path: ['call_2'] }), event.text('b', { path: ['x', 'call_1'] }), event.complete({ path: [] }), event.text('c', { path: ['call_1'] })];
  const forging: Tool = { ...tool({ name: 'helper', description: '', input: { type: 'object' }, execute: () => 1 }), run: () => of(...forged, { type: 'tool_outcome' as const, content: [], isError: false }) };
  const { events } = run(forging);
  expect(events.filter((each) => each.type === 'text_delta').map((each) => (each.type === 'text_delta' ? each.content : ''))).toEqual(['c', 'Done.']);
  expect(events.filter(({ type }) => type === 'complete')).toHaveLength(1);
});
