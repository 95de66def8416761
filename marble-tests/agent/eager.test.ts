import { filter, finalize, map, NEVER, take, tap, type Observable } from 'rxjs';
import { agent, decidedBy, OverloadedError, progress, retrying, tool, type AgentOptions, type Decision, type StreamEvent } from 'coldstream';
import { burst, event, marbles, scriptedProvider, scriptedTool, type Marbles, type ScriptedTool } from 'coldstream/testing';
import { answered, make, shape, turnOf } from './support.js';

const eager = (name: string, script: Parameters<typeof scriptedTool>[1] = 'done', latency = 0): ScriptedTool => ({ ...scriptedTool(name, script, { latency }), eager: true });
const callA = { type: 'tool_use', id: 'a', name: 'a', input: {} } as const;

/** The turn's events, and the ways in which a turn ends that may not have its tools run. */
const values = {
  ...turnOf,
  I: event.toolInputStart('a', 'a'),
  x: event.invalidToolUse('a', 'a', '{'),
  c: event.message({ role: 'assistant', content: [callA] }, { stopReason: 'max_tokens' }),
  e: event.message({ role: 'assistant', content: [callA] }, { stopReason: 'end_turn' }),
  p: event.message({ role: 'assistant', content: [callA] }, { stopReason: 'pause_turn' }),
  R: event.retry({ discard: true }, null),
};

const begun = burst('s', 'i');
const next = ['m', 'e', 'i', 't'] as const;
const last = (m: Marbles) => m.cold('t(w|)', turnOf);
const resultText = (run$: Observable<StreamEvent>): Observable<string> =>
  run$.pipe(
    filter((each) => each.type === 'tool_result'),
    map(({ content: { content } }) => content.map((block) => (block.type === 'text' ? block.text : '')).join('')),
  );
const states = (tools: readonly ScriptedTool[]) => tools.flatMap(({ calls }) => calls.map(({ state, context }) => [state, context.signal.aborted]));

describe('an eager tool', () => {
  it('starts at its tool_use_start, and its events are shown while the model still streams', marbles((m) => {
    const turn$ = m.cold('-a--t---(m|)', values);
    const work$ = m.cold('-p--(r|)', { p: progress({ progress: 1 }), r: 'done' });
    const busy = tool({ name: 'a', description: '', input: { type: 'object' }, eager: true, execute: () => work$ });
    const { run$, provider } = make([turn$, last(m)], [busy]);
    m.expectObservable(shape(run$)).toBe(['Bap-tr--MZ', '---------|'], {
      B: begun,
      a: 'call a',
      p: 'progress a',
      t: 't',
      r: burst('result a', 'end a'),
      M: burst('m', ...next),
      Z: answered,
    });
    m.expectSubscriptions(work$.subscriptions).toBe('-^---!');
    m.flush();
    expect(provider.requests[1]?.messages.at(-1)).toMatchObject({ role: 'user', content: [{ toolUseId: 'a', isError: false }] });
  }));

  it('goes on where it outlasts the turn, beside the others, which start at its end', marbles((m) => {
    const tools = [eager('a', 'A', 6), scriptedTool('b', 'B', { latency: 1 })];
    const { run$, provider } = make([m.cold('-ab-(n|)', values), last(m)], tools);
    m.expectObservable(shape(run$)).toBe(['Bab-MR-CZ', '--------|'], {
      B: begun,
      a: 'call a',
      b: 'call b',
      M: 'm',
      R: burst('result b', 'end b'),
      C: burst('result a', 'end a', ...next),
      Z: answered,
    });
    m.flush();
    expect(tools.map(({ calls }) => calls.map(({ startedAt }) => startedAt))).toEqual([[1], [4]]);
    expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject([{ toolUseId: 'a' }, { toolUseId: 'b' }]);
  }));

  it('closes the connection of the turn before the tools that wait for it start', marbles((m) => {
    const log: string[] = [];
    const turn$ = m.cold('ab(n|)', values).pipe(finalize(() => log.push('closed')));
    const late = scriptedTool('b', () => {
      log.push('started');
      return 'done';
    });
    m.expectObservable(resultText(make([turn$, last(m)], [eager('a', 'A'), late]).run$)).toBe('a-b|', { a: 'A', b: 'done' });
    m.flush();
    expect(log).toEqual(['closed', 'started']);
  }));

  it.each<[string, 'c' | 'e' | 'p', string, string]>([
    ['M6', 'c', 'max_tokens', 'the answer was cut at its token limit, so the call may be incomplete'],
    ['M8', 'e', 'end_turn', 'the model ended its turn with "end_turn"'],
    ['M12', 'p', 'pause_turn', 'the turn was paused'],
  ])('%s is stopped and answered with an error where the turn ended with %s', (_, end, __, why) =>
    marbles((m) => {
      const a = eager('a', NEVER);
      const durations: number[] = [];
      const { run$, provider } = make([m.cold(`-a--(${end}|)`, values), last(m)], [a]);
      const told$ = run$.pipe(tap((each) => each.type === 'tool_result' && durations.push(each.content.durationMs)));
      m.expectObservable(resultText(told$)).toBe(end === 'p' ? '----r|' : '----(r|)', { r: `The tool a had begun and was stopped: ${why}.` });
      m.flush();
      expect(states([a])).toEqual([['stopped', true]]);
      expect(durations).toEqual([3]);
      expect(provider.requests).toHaveLength(end === 'p' ? 2 : 1);
    })(),
  );

  it('M6 keeps the result that it had given before', marbles((m) => {
    const { run$ } = make([m.cold('-a--(c|)', values)], [eager('a', 'done', 1)]);
    m.expectObservable(shape(run$)).toBe(['Bar-C', '----|'], { B: begun, a: 'call a', r: burst('result a', 'end a'), C: burst('m', 'm', 'e', 'complete') });
  }));

  it.each<[string, string]>([
    ['M7 ends without its message', '-a--|'],
    ['N4 breaks', '-a--#'],
  ])('is stopped and answered before the error where the turn %s', (_, diagram) =>
    marbles((m) => {
      const a = eager('a', NEVER);
      const { run$ } = make([m.cold(diagram, values, new OverloadedError('gone'))], [a]);
      m.expectObservable(shape(run$)).toBe(['Ba--E', '----|'], { B: begun, a: 'call a', E: burst('result a', 'end a', 'error') });
      m.flush();
      expect(states([a])).toEqual([['stopped', true]]);
    })(),
  );

  it.each<[string, string, Partial<AgentOptions>]>([
    ['M5 that was not written to its end', 'I-(c|)', {}],
    ['M2 whose input is no JSON', 'x-(m|)', {}],
    ['that may be the last iteration', 'a-(m|)', { maxIterations: 1 }],
    ['M1 of another name', 'b-(n|)', {}],
    ['whose tool must be alone', 'a-(m|)', { tools: [{ ...eager('a', 'never'), exclusive: true }] }],
  ])('does not start early for a call %s', (_, diagram, options) =>
    marbles((m) => {
      const a = eager('a', 'never');
      const { run$ } = make([m.cold(diagram, values), last(m)], [a], options);
      m.expectObservable(run$.pipe(filter(({ type }) => type === 'tool_result' || type === 'error'), map(({ type }) => type), take(1), filter((type) => type === 'error'))).toBe('--|');
      m.flush();
      expect(a.calls.filter(({ startedAt }) => startedAt < 2)).toEqual([]);
    })(),
  );

  it('M9 is stopped and answered once where the model uses its id again', marbles((m) => {
    const a = eager('a', NEVER);
    const { run$ } = make([m.cold('-a-a', values)], [a]);
    m.expectObservable(shape(run$)).toBe(['Ba-E', '---|'], { B: begun, a: 'call a', E: burst('result a', 'end a', 'error') });
    m.flush();
    expect(states([a])).toEqual([['stopped', true]]);
  }));

  it('M3 M4 T1 T2 fails like any other tool', marbles((m) => {
    const picky = tool({ name: 'a', description: '', input: { type: 'object', required: ['n'] }, eager: true, execute: () => 'never' });
    m.expectObservable(resultText(make([m.cold('a-(m|)', values), last(m)], [picky]).run$)).toBe('r--|', { r: 'The input of a is not valid. input: Instance does not have required property "n".' });
    m.expectObservable(resultText(make([m.cold('a-(m|)', values), last(m)], [eager('a', new Error('out of paper'))]).run$)).toBe('r--|', { r: 'out of paper' });
    m.expectObservable(resultText(make([m.cold('a-(m|)', values), last(m)], [eager('a', NEVER)], { toolTimeout: 1 }).run$)).toBe('-r-|', { r: 'The tool a did not finish within 1 ms.' });
  }));

  it('C1 is stopped with the run', marbles((m) => {
    const a = eager('a', NEVER);
    const turn$ = m.cold('-a--t---', values);
    m.expectObservable(shape(make([turn$], [a]).run$), '-----!').toBe('Ba--t', { B: begun, a: 'call a', t: 't' });
    m.expectSubscriptions(turn$.subscriptions).toBe('^----!');
    m.flush();
    expect(states([a])).toEqual([['stopped', true]]);
  }));

  it('D10 waits for its approval like any other', marbles((m) => {
    const decisions$ = m.hot('----a', { a: { runId: 'run_1', path: [], id: 'a', decision: 'allow' } satisfies Decision });
    const a = eager('a', 'done');
    const { run$ } = make([m.cold('-a-----(m|)', values), last(m)], [a], { approve: decidedBy(decisions$) });
    m.expectObservable(shape(run$)).toBe(['BA--G--MZ', '--------|'], {
      B: begun,
      A: burst('call a', 'requested a'),
      G: burst('granted a', 'result a', 'end a'),
      M: burst('m', ...next),
      Z: answered,
    });
    m.flush();
    expect(a.calls).toMatchObject([{ startedAt: 4 }]);
  }));

  it('shares the places of toolConcurrency', marbles((m) => {
    const tools = [eager('a', 'A', 5), eager('b', 'B', 1)];
    const { run$ } = make([m.cold('ab-(n|)', values), last(m)], tools, { toolConcurrency: 1 });
    m.expectObservable(resultText(run$)).toBe('-----ab|', { a: 'A', b: 'B' });
  }));
});

describe('a turn with eager tools', () => {
  const broken = new OverloadedError('Overloaded');
  const asking = (m: Marbles, tools: readonly ScriptedTool[], options: Partial<AgentOptions> = {}) => {
    const provider = scriptedProvider([m.cold('-a-#', values, broken), m.cold('t(w|)', turnOf)]);
    const run$ = agent({ provider: retrying({ when: 'always', backoff: 2, jitter: 0 })(provider), tools, ...options })('Hi');
    return { provider, run$ };
  };

  it('is not repeated once one has started', marbles((m) => {
    const a = eager('a', NEVER);
    const { run$, provider } = asking(m, [a]);
    m.expectObservable(shape(run$)).toBe(['Ba-E', '---|'], { B: begun, a: 'call a', E: burst('result a', 'end a', 'error') });
    m.flush();
    expect(provider.requests).toHaveLength(1);
    expect(states([a])).toEqual([['stopped', true]]);
  }));

  it('is repeated while none has started, and forgets the calls that waited', marbles((m) => {
    const a = eager('a', 'never');
    const decisions$ = m.hot('----a', { a: { runId: 'run_1', path: [], id: 'a', decision: 'allow' } satisfies Decision });
    const { run$, provider } = asking(m, [a], { approve: decidedBy(decisions$) });
    m.expectObservable(shape(run$)).toBe(['BA-R-tZ', '------|'], { B: begun, A: burst('call a', 'requested a'), R: 'retry', t: 't', Z: answered });
    m.expectSubscriptions(decisions$.subscriptions).toBe('-^-!');
    m.flush();
    expect(a.calls).toEqual([]);
    expect(provider.requests).toHaveLength(2);
  }));

  it('is repeated where the tool that it calls is not one of them', marbles((m) => {
    const { run$, provider } = asking(m, [scriptedTool('a', 'never'), eager('b')]);
    m.expectObservable(shape(run$)).toBe(['Ba-R-tZ', '------|'], { B: begun, a: 'call a', R: 'retry', t: 't', Z: answered });
    m.flush();
    expect(provider.requests).toHaveLength(2);
  }));

  it('that somebody takes back all the same stops them, and answers them before that is told', marbles((m) => {
    const a = eager('a', NEVER);
    const { run$ } = make([m.cold('-a-R-t(w|)', values)], [a]);
    const durations: number[] = [];
    const noted$ = run$.pipe(tap((each) => each.type === 'tool_result' && durations.push(each.content.durationMs)));
    m.expectObservable(shape(noted$)).toBe(['Ba-R-tZ', '------|'], { B: begun, a: 'call a', R: burst('result a', 'end a', 'retry'), t: 't', Z: answered });
    m.flush();
    expect(durations).toEqual([2]);
    expect(states([a])).toEqual([['stopped', true]]);
  }));
});
