import { finalize, map, NEVER, of, timer } from 'rxjs';
import { agent, memoryHistory, type AgentOptions, type RunParams, type Tool } from 'coldstream';
import { assistant, burst, event, marbles, scriptedProvider, scriptedTool, tokens, user, type ScriptedTurn } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';
import { historyFault } from '../../test/support/valid-history.js';

const call = { type: 'tool_use', id: 'a', name: 'a', input: {} } as const;

const turnOf = {
  t: event.text('text'),
  u: event.usage(tokens(10, 1)),
  U: event.usage(tokens(80, 20)),
  a: event.toolUse('a', 'a'),
  m: event.message({ role: 'assistant', content: [call] }, { stopReason: 'tool_use', usage: tokens(10, 1) }),
  w: event.message(assistant('text'), { stopReason: 'end_turn' }),
  r: event.retry({}, tokens(80, 20)),
};

function make(turns: readonly ScriptedTurn[], options: Partial<AgentOptions> = {}, params: RunParams = {}) {
  const history = memoryHistory();
  const provider = scriptedProvider(turns);
  const run$ = agent({ provider, history, resilience: false, ...options })('Hi', params);
  return { history, provider, run$, shape$: run$.pipe(map(shapeOf)) };
}

function shapeOf(each: StreamEvent): string {
  if (each.type === 'complete') return `complete ${String(each.stopReason)} ${JSON.stringify(each.metadata)}`;
  if (each.type === 'tool_result') return each.content.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return each.type === 'error' ? each.content.error : each.type;
}

const begin = burst('run_start', 'iteration_start');
const stopped = (limit: string) => burst('iteration_end', `complete budget {"budget":"${limit}"}`);
const notAnswered = 'This call was not answered: the run reached its budget.';

describe('M16 a budget of tokens', () => {
  const budget = { tokens: 100 };

  it('cuts a turn at its next piece, and closes its connection', marbles((m) => {
    const turn$ = m.cold('          --U-t-t(w|)', turnOf);
    const { shape$, history, provider } = make([turn$], { budget });
    m.expectObservable(shape$).toBe('A-U-(tZ|)', { A: begin, U: 'usage', t: 'text_delta', Z: stopped('tokens') });
    m.expectSubscriptions(turn$.subscriptions).toBe('^---!');
    m.flush();
    expect(history.messages()).toEqual([user('Hi')]);
    expect(provider.requests).toHaveLength(1);
  }));

  it('cuts a turn that says nothing more for 100 ms', marbles((m) => {
    const turn$ = m.cold('-U 200ms (w|)', turnOf);
    m.expectObservable(make([turn$], { budget }).shape$).toBe('AU 99ms (Z|)', { A: begin, U: 'usage', Z: stopped('tokens') });
    m.expectSubscriptions(turn$.subscriptions).toBe('^ 100ms !');
  }));

  it('keeps a turn whose end is all that is missing, as the whole answer that it is', marbles((m) => {
    const { shape$, history } = make([m.cold('-tU 50ms (w|)', turnOf)], { budget });
    m.expectObservable(shape$).toBe('AtU 50ms (Z|)', { A: begin, t: 'text_delta', U: 'usage', Z: burst('message', 'iteration_end', 'complete end_turn {}') });
    m.flush();
    expect(history.messages()).toEqual([user('Hi'), assistant('text')]);
  }));

  it('lets a run that ends by itself do so, however long its history takes', marbles((m) => {
    const slow = { load: () => of([]), append: () => timer(300) };
    m.expectObservable(make([m.cold('-tU(w|)', turnOf)], { budget }, { history: slow }).shape$).toBe('AtUw 299ms (Z|)', {
      A: begin, t: 'text_delta', U: 'usage', w: 'message', Z: burst('iteration_end', 'complete end_turn {}'),
    });
  }));

  it('keeps the calls of such a turn from being run, and begins no other', marbles((m) => {
    const tool = scriptedTool('a', 'never');
    const { shape$, history, provider } = make([m.cold('-aU(m|)', turnOf), NEVER], { budget, tools: [tool] });
    m.expectObservable(shape$).toBe('AaU(Z|)', {
      A: begin, a: 'tool_use_start', U: 'usage',
      Z: burst('message', 'The tool a was not run: the run reached its budget.', 'tool_use_end', 'message', 'iteration_end', 'complete budget {"budget":"tokens"}'),
    });
    m.flush();
    expect(tool.calls).toEqual([]);
    expect(provider.requests).toHaveLength(1);
    expect(historyFault(history.messages())).toBeUndefined();
    expect(history.messages()).toHaveLength(3);
  }));

  it('answers the finished calls of a turn that is cut', marbles((m) => {
    m.expectObservable(make([m.cold('-aU-t-(m|)', turnOf)], { budget }).shape$).toBe('AaU-(tZ|)', {
      A: begin, a: 'tool_use_start', U: 'usage', t: 'text_delta',
      Z: burst(notAnswered, 'tool_use_end', 'iteration_end', 'complete budget {"budget":"tokens"}'),
    });
  }));

  it('counts attempts that were abandoned, and makes no other once it is spent', marbles((m) => {
    m.expectObservable(make([m.cold('-r-r--t(w|)', turnOf)], { budget }).shape$).toBe('Ar-(rZ|)', { A: begin, r: 'retry', Z: stopped('tokens') });
  }));

  it('counts what a sub-agent spends while it runs, and stops it', marbles((m) => {
    const inner$ = m.cold('             --u--t--t-|', { u: event.usage(tokens(80, 20), { path: ['a'] }), t: event.text('inner', { path: ['a'] }) });
    const tool: Tool = { ...scriptedTool('a', ''), run: () => inner$ };
    const { shape$, history, provider } = make([m.cold('a(m|)', turnOf), NEVER], { budget, tools: [tool] });
    m.expectObservable(shape$).toBe('Am-u--(tZ|)', {
      A: burst('run_start', 'iteration_start', 'tool_use_start'), m: 'message', u: 'usage', t: 'text_delta',
      Z: burst(notAnswered, 'tool_use_end', 'message', 'iteration_end', 'complete budget {"budget":"tokens"}'),
    });
    m.expectSubscriptions(inner$.subscriptions).toBe('-^----!');
    m.flush();
    expect(provider.requests).toHaveLength(1);
    expect(historyFault(history.messages())).toBeUndefined();
    expect(history.messages()).toHaveLength(3);
  }));

  it('takes what a tool says that it spent, and lets the others end if they do so soon', marbles((m) => {
    const outcome = { type: 'tool_outcome', content: [], isError: false, usage: tokens(90, 10) } as const;
    const calls = { ...turnOf, b: event.toolUse('b', 'b'), m: event.message({ role: 'assistant', content: [call, { ...call, id: 'b', name: 'b' }] }, { stopReason: 'tool_use' }) };
    const both = (latency: number) => [scriptedTool('a', outcome), scriptedTool('b', 'done', { latency })];
    const run = (latency: number) => make([m.cold('ab(m|)', calls), NEVER], { budget, tools: both(latency) }).shape$;
    const A = burst('run_start', 'iteration_start', 'tool_use_start');
    const M = burst('message', '', 'tool_use_end');
    const end = ['tool_use_end', 'message', 'iteration_end', 'complete budget {"budget":"tokens"}'] as const;
    m.expectObservable(run(50)).toBe('AbM 49ms (Z|)', { A, b: 'tool_use_start', M, Z: burst('done', ...end) });
    m.expectObservable(run(500)).toBe('AbM 99ms (Z|)', { A, b: 'tool_use_start', M, Z: burst(notAnswered, ...end) });
  }));
});

describe('a budget of time', () => {
  const budget = { ms: 5 };
  const Z = stopped('ms');

  it('cuts a turn, and one that has not begun to answer', marbles((m) => {
    const turn$ = m.cold('          --t---t--t-', turnOf);
    m.expectObservable(make([turn$], { budget }).shape$).toBe('A-t--(Z|)', { A: begin, t: 'text_delta', Z });
    m.expectSubscriptions(turn$.subscriptions).toBe('^----!');
    m.expectObservable(make([NEVER], { budget }).shape$).toBe('A----(Z|)', { A: begin, Z });
  }));

  it('stops running tools, and answers their calls', marbles((m) => {
    const work$ = m.cold('                 ------', {});
    const aborted: boolean[] = [];
    const tool = scriptedTool('a', (_, { signal }) => work$.pipe(finalize(() => aborted.push(signal.aborted))));
    const { shape$, history } = make([m.cold('-a(m|)', turnOf)], { budget, tools: [tool] });
    m.expectObservable(shape$).toBe('      AaM--(Z|)', {
      A: begin, a: 'tool_use_start', M: 'message',
      Z: burst(notAnswered, 'tool_use_end', 'message', 'iteration_end', 'complete budget {"budget":"ms"}'),
    });
    m.expectSubscriptions(work$.subscriptions).toBe('--^--!');
    m.flush();
    expect(tool.calls).toMatchObject([{ state: 'stopped', context: { signal: { aborted: true } } }]);
    expect(historyFault(history.messages())).toBeUndefined();
    expect(history.messages()).toHaveLength(3);
  }));

  it('ends a run whose tools do not come, or whose history does not load', marbles((m) => {
    const iterations = ({ type, ...rest }: StreamEvent): unknown => [type, 'iterations' in rest ? rest.iterations : undefined];
    const ends = { S: ['run_start', undefined], C: ['complete', 0] };
    const source$ = m.cold<readonly Tool[]>('-');
    m.expectObservable(make([], { budget, tools: [source$] }).run$.pipe(map(iterations))).toBe('S----(C|)', ends);
    m.expectSubscriptions(source$.subscriptions).toBe('^----!');
    const unread = { load: () => NEVER, append: () => of(undefined) };
    m.expectObservable(make([], { budget }, { history: unread }).run$.pipe(map(iterations))).toBe('-----(SC|)', ends);
  }));

  it('does not wait for a history that does not take what it is given', marbles((m) => {
    const unwritten = { load: () => of([]), append: () => NEVER };
    m.expectObservable(make([m.cold('-t(w|)', turnOf)], { budget }, { history: unwritten }).shape$).toBe('Atw--(Z|)', {
      A: begin, t: 'text_delta', w: 'message', Z,
    });
  }));

  it('is that of one run where its parameters say so, and leaves no timer behind', marbles((m) => {
    m.expectObservable(make([m.cold('---(w|)', turnOf)], { budget }, { budget: { ms: 2 } }).shape$).toBe('A-(Z|)', { A: begin, Z });
    m.expectObservable(make([m.cold('-(w|)', turnOf)], { budget }).shape$).toBe('A(Z|)', { A: begin, Z: burst('message', 'iteration_end', 'complete end_turn {}') });
    m.expectObservable(make([m.cold('--', turnOf)], { budget }).shape$, '---!').toBe('A--', { A: begin });
  }));

  it('fails as any run where the history that it leaves cannot be written', marbles((m) => {
    const broken = { load: () => of([]), append: () => timer(1).pipe(map(() => { throw new Error('disk full'); })) };
    m.expectObservable(make([NEVER], { budget }, { history: broken }).shape$).toBe('A-----(Z|)', { A: begin, Z: 'The history could not be written: disk full' });
  }));
});
