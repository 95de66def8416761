import { EMPTY, from, NEVER, of, Subject, throwError } from 'rxjs';
import { agent, memoryHistory, type AgentOptions, type Budget, type RunParams, type RunSoFar } from 'coldstream';
import { event, scriptedProvider, scriptedTool, textTurn, tokens, toolTurn, turn, user, type ScriptedTurn } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';
import { collect } from '../support/collect.js';
import { historyFault } from '../support/valid-history.js';

const callOf = (id: string, input = {}) => ({ id, name: 't', input });

function run(turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}, params: RunParams = {}) {
  const history = memoryHistory();
  const spy = scriptedTool('t', 'done');
  const provider = scriptedProvider(turns);
  const events = collect(agent({ provider, history, tools: [spy], resilience: false, ...options })('Hi', params));
  expect(historyFault(history.messages())).toBeUndefined();
  return { events, calls: spy.calls, requests: provider.requests, last: events.at(-1), messages: history.messages() };
}

const results = (events: readonly StreamEvent[]): readonly string[] =>
  events.flatMap((each) => (each.type === 'tool_result' ? each.content.content.map((block) => (block.type === 'text' ? block.text : '')) : []));

it('a budget that cannot be meant ends its run, and keeps the history from no other', () => {
  const ask = agent({ provider: scriptedProvider([textTurn('ok')]), history: memoryHistory() });
  expect(collect(ask('Hi', { budget: { tokens: -5 } })).at(-1)).toMatchObject({ type: 'error', content: { code: 'configuration' } });
  expect(collect(ask('Hi')).at(-1)).toMatchObject({ type: 'complete' });
});

describe('stopWhen', () => {
  const twoCalls = [toolTurn(callOf('c1')), toolTurn(callOf('c2')), textTurn('ok')];

  it('is asked at the end of each iteration that another would follow, with the run so far', () => {
    const asked: RunSoFar[] = [];
    const { last } = run(twoCalls, { stopWhen: (soFar) => asked.push(soFar) < 0 }, { runId: 'run_x' });
    expect(asked).toMatchObject([
      { runId: 'run_x', path: [], iterations: 1, stopReason: 'tool_use', usage: tokens(10, 5) },
      { iterations: 2, usage: tokens(20, 10) },
    ]);
    expect(asked.map(({ messages }) => messages.length)).toEqual([3, 5]);
    expect(asked[0]?.messages[0]).toEqual(user('Hi'));
    expect(last).toMatchObject({ type: 'complete', stopReason: 'end_turn', iterations: 3 });
  });

  it.each([
    ['true', () => true],
    ['an Observable', () => of(true, false)],
    ['an Observable of one value', () => from([true])],
  ])('ends the run where it says so by %s', (_, stopWhen) => {
    const { events, requests, messages, last } = run(twoCalls, { stopWhen });
    expect(requests).toHaveLength(1);
    expect(messages).toHaveLength(3);
    expect(events.slice(-2)).toMatchObject([{ type: 'iteration_end', stopReason: 'tool_use' }, { type: 'complete', stopReason: 'stopped', iterations: 1 }]);
    expect(last).toMatchObject({ metadata: {} });
  });

  it('lets the run go on where it says false, or nothing', () => {
    for (const stopWhen of [() => false, () => EMPTY, () => of(false, true)]) expect(run(twoCalls, { stopWhen }).last).toMatchObject({ iterations: 3 });
  });

  it('may take its time, or a Promise', async () => {
    const last: StreamEvent[] = [];
    await agent({ provider: scriptedProvider(twoCalls), tools: [scriptedTool('t', 'done')], stopWhen: () => Promise.resolve(true) })('Hi').forEach((each) => last.push(each));
    expect(last.at(-1)).toMatchObject({ type: 'complete', stopReason: 'stopped' });
  });

  it('is left when the run is unsubscribed', () => {
    const answer = new Subject<boolean>();
    const provider = scriptedProvider(twoCalls);
    const subscription = agent({ provider, tools: [scriptedTool('t', 'done')], stopWhen: () => answer })('Hi').subscribe();
    expect(answer.observed).toBe(true);
    subscription.unsubscribe();
    expect(answer.observed).toBe(false);
    expect(provider.requests).toHaveLength(1);
  });

  it.each([
    ['throws', () => { throw new Error('no idea'); }],
    ['fails', () => throwError(() => new Error('no idea'))],
  ])('that %s ends the run with an error of its own code, after what was kept', (_, stopWhen) => {
    const { last, messages } = run(twoCalls, { stopWhen });
    expect(last).toMatchObject({ type: 'error', content: { code: 'callback', error: 'stopWhen failed: no idea', retryable: false }, usage: tokens(10, 5) });
    expect(messages).toHaveLength(3);
  });

  it('is not asked by a run that is over anyway', () => {
    const stopWhen = jest.fn(() => true);
    expect(run([textTurn('ok')], { stopWhen }).last).toMatchObject({ stopReason: 'end_turn' });
    expect(run([toolTurn(callOf('c1'))], { stopWhen, maxIterations: 1 }).last).toMatchObject({ stopReason: 'max_iterations' });
    expect(stopWhen).not.toHaveBeenCalled();
  });
});

describe('M16 the same call again and again', () => {
  const again = (count: number, input = {}) => Array.from({ length: count }, (_, nth) => toolTurn(callOf(`c${String(nth)}`, input)));
  const told = /^The tool t was not run: it has been called with this very input 5 times in a row/;

  it('is run five times, told to the model the sixth time, and ends the run the seventh time', () => {
    const { events, calls, requests, last } = run(again(9, { a: 1 }));
    expect(calls).toHaveLength(5);
    expect(results(events)).toEqual([...Array<string>(5).fill('done'), expect.stringMatching(told), expect.stringMatching(told)]);
    expect(requests).toHaveLength(7);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'repeated_calls', iterations: 7 });
  });

  it('goes on where the model heeds what it is told', () => {
    const { requests, last } = run([...again(6), textTurn('I am stuck.')]);
    expect(requests.at(-1)?.messages.at(-1)).toMatchObject({ content: [{ type: 'tool_result', isError: true, content: [{ text: expect.stringMatching(told) }] }] });
    expect(last).toMatchObject({ stopReason: 'end_turn', iterations: 7 });
  });

  it('is the same whatever the order of its members, and another with another value', () => {
    const [ab, ba] = [{ a: [{ x: 1, y: 2 }], b: null }, { b: null, a: [{ y: 2, x: 1 }] }];
    expect(run([toolTurn(callOf('c1', ab)), toolTurn(callOf('c2', ba)), textTurn('ok')], { maxRepeats: 1 }).calls).toHaveLength(1);
    expect(run([toolTurn(callOf('c1', { a: [1, 2] })), toolTurn(callOf('c2', { a: [2, 1] })), textTurn('ok')], { maxRepeats: 1 }).calls).toHaveLength(2);
  });

  it('is no repetition once a turn has done something else', () => {
    const turns = Array.from({ length: 9 }, (_, nth) => toolTurn(callOf(`c${String(nth)}`, { odd: nth % 2 === 1 })));
    expect(run([...turns, textTurn('ok')], { maxRepeats: 1 }).calls).toHaveLength(9);
  });

  it('counts within a turn too, which by itself ends nothing', () => {
    const { calls, last } = run([toolTurn(callOf('c1'), callOf('c2'), callOf('c3'), callOf('c4', { other: 1 })), textTurn('ok')], { maxRepeats: 1 });
    expect(calls.map(({ id }) => id)).toEqual(['c1', 'c4']);
    expect(last).toMatchObject({ stopReason: 'end_turn' });
  });

  it('M16: holds for tools that start while the model streams', () => {
    const spy = scriptedTool('t', 'done');
    const tools = [{ ...spy, eager: true }];
    const { events, last } = run([toolTurn(callOf('c1')), toolTurn(callOf('c2')), toolTurn(callOf('c3'))], { maxRepeats: 1, tools });
    expect(spy.calls.map(({ id }) => id)).toEqual(['c1']);
    expect(results(events)[1]).toContain('with this very input once');
    expect(last).toMatchObject({ stopReason: 'repeated_calls' });
  });

  it('runs none of the calls whose results nobody would read', () => {
    const { events, calls, last } = run([toolTurn(callOf('c1')), toolTurn(callOf('c2')), toolTurn(callOf('c3'), callOf('c4', { new: 1 }))], { maxRepeats: 1 });
    expect(calls.map(({ id }) => id)).toEqual(['c1']);
    expect(results(events).at(-1)).toBe('The tool t was not run: the run was stopped, since it repeated itself.');
    expect(last).toMatchObject({ stopReason: 'repeated_calls' });
  });

  it('is seen where the same invalid input comes again', () => {
    const broken = (id: string): readonly StreamEvent[] => [
      event.invalidToolUse(id, 't', '{"a":', 'cut'),
      event.message({ role: 'assistant', content: [{ type: 'tool_use', id, name: 't', input: {} }] }, { stopReason: 'tool_use' }),
    ];
    expect(run([broken('c1'), broken('c2'), broken('c3')], { maxRepeats: 1 }).last).toMatchObject({ stopReason: 'repeated_calls' });
  });

  it('may be allowed', () => {
    expect(run([...again(8), textTurn('ok')], { maxRepeats: false }).calls).toHaveLength(8);
    expect(() => agent({ provider: scriptedProvider([]), maxRepeats: 0 })).toThrow('maxRepeats');
  });

  it('begins anew with each run, and each subscription', () => {
    const provider = scriptedProvider([toolTurn(callOf('c1')), textTurn('ok'), toolTurn(callOf('c2')), textTurn('ok')]);
    const spy = scriptedTool('t', 'done');
    const run$ = agent({ provider, tools: [spy], maxRepeats: 1 })('Hi');
    collect(run$);
    collect(run$);
    expect(spy.calls).toHaveLength(2);
  });
});

describe('M16 a budget', () => {
  const priced = (model: string, usage = tokens(500_000, 100_000)) => turn({ tools: [callOf('c1')], usage, model });
  const prices = { small: { input: 1, output: 5, cacheRead: 0.1 } };

  it('of tool calls runs so many, and none of a turn that asks for more than are left', () => {
    const { events, calls, requests, last } = run([toolTurn(callOf('c1')), toolTurn(callOf('c2', { b: 1 }), callOf('c3', { b: 2 })), NEVER], { budget: { toolCalls: 2 } });
    expect(calls.map(({ id }) => id)).toEqual(['c1']);
    expect(results(events).slice(1)).toEqual(Array(2).fill('The tool t was not run: the run reached its budget.'));
    expect(requests).toHaveLength(2);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'budget', metadata: { budget: 'toolCalls' }, iterations: 2 });
  });

  it('of tool calls lets the model answer where it asks for no more', () => {
    expect(run([toolTurn(callOf('c1'), callOf('c2', { b: 1 })), textTurn('ok')], { budget: { toolCalls: 2 } }).last).toMatchObject({ stopReason: 'end_turn', metadata: {} });
  });

  it('of tool calls counts those of a sub-agent, and stops it before it runs one too many', () => {
    const inside: StreamEvent[] = [event.toolUse('i1', 'x', {}, { path: ['c1'] }), event.toolUse('i2', 'x', {}, { path: ['c1'] }), event.text('more', { path: ['c1'] })];
    const { events, last } = run([toolTurn(callOf('c1'))], { budget: { toolCalls: 2 }, tools: [{ ...scriptedTool('t', ''), run: () => from(inside) }] });
    expect(events.filter(({ path }) => path.length > 0)).toHaveLength(2);
    expect(last).toMatchObject({ type: 'complete', stopReason: 'budget', metadata: { budget: 'toolCalls' } });
  });

  it('of dollars counts each model by its price, the cache included', () => {
    const cheap = run([priced('small'), textTurn('ok')], { budget: { usd: 1.01, prices: { ...prices, '': { input: 0, output: 0 } } } });
    expect(cheap.last).toMatchObject({ type: 'error', content: { code: 'configuration', error: expect.stringContaining('a model without a name') } });
    const read = tokens(500_000, 100_000, { cacheReadTokens: 1_000_000 });
    expect(run([priced('small', read)], { budget: { usd: 1.1, prices } }).last).toMatchObject({ stopReason: 'budget', metadata: { budget: 'usd' }, usage: read });
    const answer = turn({ text: ['ok'], model: 'small', usage: tokens(10, 1) });
    expect(run([priced('small', read), answer], { budget: { usd: 1.2, prices } }).last).toMatchObject({ stopReason: 'end_turn' });
  });

  it.each([
    ['a model that is not in the table', priced('small-2'), '"small-2"'],
    ['a cache that has no price', priced('small', tokens(1, 1, { cacheWriteTokens: 1 })), 'cache'],
  ])('of dollars guesses nothing for %s', (_, first, message) => {
    expect(run([first], { budget: { usd: 1, prices } }).last).toMatchObject({ type: 'error', content: { code: 'configuration', error: expect.stringContaining(message) } });
  });

  it('of dollars cannot count a tool that spends without saying by which model', () => {
    const outcome = { type: 'tool_outcome', content: [], isError: false, usage: tokens(1, 1) } as const;
    const { last } = run([priced('small')], { budget: { usd: 9, prices }, tools: [scriptedTool('t', outcome)] });
    expect(last).toMatchObject({ type: 'error', content: { code: 'configuration', error: expect.stringContaining('the tool t') } });
  });

  it('does not count what a sub-agent spent twice, by its events and by its outcome', () => {
    const usage = tokens(60, 20);
    const inside = [event.usage(usage, { path: ['c1'] }), event.message('inner', { path: ['c1'], usage })];
    const outcome = { type: 'tool_outcome', content: [], isError: false, usage } as const;
    const tools = [{ ...scriptedTool('t', ''), run: () => from([...inside, outcome]) }];
    expect(run([toolTurn(callOf('c1')), textTurn('ok')], { budget: { tokens: 120 }, tools }).last).toMatchObject({ stopReason: 'end_turn' });
    expect(run([toolTurn(callOf('c1')), textTurn('ok')], { budget: { tokens: 95 }, tools }).last).toMatchObject({ stopReason: 'budget', metadata: { budget: 'tokens' } });
  });

  it('adds up what the turns cost, each by its last word', () => {
    const turns = [1, 2, 3].map((nth) => toolTurn(callOf(`c${String(nth)}`, { nth })));
    const { requests, last } = run([...turns, NEVER], { budget: { tokens: 40 } });
    expect(requests).toHaveLength(3);
    expect(last).toMatchObject({ stopReason: 'budget', usage: tokens(30, 15), iterations: 3 });
  });

  it('is over where it is spent exactly, and stops a synchronous run without a further request', () => {
    const { requests, last } = run([toolTurn(callOf('c1')), NEVER], { budget: { tokens: 15 } });
    expect(requests).toHaveLength(1);
    expect(last).toMatchObject({ stopReason: 'budget', usage: tokens(10, 5), iterations: 1 });
  });

  it.each<[Budget, string]>([
    [{ tokens: -1 }, 'budget.tokens'],
    [{ ms: Number.NaN }, 'budget.ms'],
    [{ usd: 1 }, 'budget.prices'],
  ])('%j cannot be meant', (budget, message) => {
    expect(() => agent({ provider: scriptedProvider([]), budget })).toThrow(message);
    expect(run([], {}, { budget }).last).toMatchObject({ type: 'error', content: { code: 'configuration', error: expect.stringContaining(message) } });
  });

  it('that is not reached changes no event', () => {
    const turns = [toolTurn(callOf('c1')), textTurn('ok')];
    const plain = (each: StreamEvent) => ({ ...each, timestamp: 0, ...('content' in each && each.type === 'tool_result' ? { content: { ...each.content, durationMs: 0 } } : {}) });
    const [free, limited] = [run(turns, {}, { runId: 'r' }), run(turns, { budget: { tokens: 1e6, ms: 1e9, toolCalls: 9 } }, { runId: 'r' })];
    expect(limited.events.map(plain)).toEqual(free.events.map(plain));
  });
});

