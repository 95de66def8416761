import { defer, filter, finalize, map, NEVER, tap, type Observable } from 'rxjs';
import { agent, memoryHistory, progress, retrying, timingOut, tool } from 'coldstream';
import { burst, marbles, scriptedProvider, scriptedTool, type Marbles } from 'coldstream/testing';
import { OverloadedError } from '../../src/errors/errors.js';
import type { StreamEvent } from '../../src/events/events.js';
import { answered, begin, make, shape, turnOf } from './support.js';

describe('the loop', () => {
  it('holds nothing of a turn back', marbles((m) => {
    const turn$ = m.cold('         --t--t--(w|)', turnOf);
    const { run$ } = make([turn$]);
    m.expectObservable(shape(run$)).toBe(['A-t--t--Z', '--------|'], { A: begin, t: 't', Z: answered });
    m.expectSubscriptions(turn$.subscriptions).toBe('^-------!');
  }));

  it('opens the next request when the last one is closed, even if that would have stayed open', marbles((m) => {
    const log: string[] = [];
    const logged = (name: string, source: Observable<StreamEvent>): Observable<StreamEvent> =>
      defer(() => {
        log.push(`open ${name}`);
        return source.pipe(finalize(() => log.push(`close ${name}`)));
      });
    const first$ = m.cold('        --am-----', turnOf);
    const second$ = m.cold('          --t(w|)', turnOf);
    const { run$ } = make([logged('1', first$), logged('2', second$)], [scriptedTool('a', 'done')]);
    m.expectObservable(shape(run$)).toBe(['A-cM-tZ', '------|'], {
      A: begin,
      c: 'call a',
      M: burst('m', 'result a', 'end a', 'm', 'e', 'i'),
      t: 't',
      Z: answered,
    });
    m.expectSubscriptions(first$.subscriptions).toBe(' ^--!');
    m.expectSubscriptions(second$.subscriptions).toBe('---^--!');
    m.flush();
    expect(log).toEqual(['open 1', 'close 1', 'open 2', 'close 2']);
  }));

  it('stops the turn when it is unsubscribed (C1)', marbles((m) => {
    const turn$ = m.cold('   --t--t--(w|)', turnOf);
    const { run$ } = make([turn$]);
    m.expectObservable(shape(run$), '----!').toBe('A-t', { A: begin, t: 't' });
    m.expectSubscriptions(turn$.subscriptions).toBe('^---!');
  }));

  it('stops a tool when it is unsubscribed, though the tool ignores its signal (T3)', marbles((m) => {
    const work$ = m.cold('           ---------(x|)', { x: 'done' });
    const aborted: boolean[] = [];
    const stubborn = scriptedTool('a', (_, { signal }) => work$.pipe(finalize(() => aborted.push(signal.aborted))));
    const { run$, provider } = make([m.cold('-a(m|)', turnOf)], [stubborn]);
    m.expectObservable(shape(run$), '     -----!').toBe('AcM', { A: begin, c: 'call a', M: 'm' });
    m.expectSubscriptions(work$.subscriptions).toBe('--^--!');
    m.flush();
    expect(stubborn.calls).toMatchObject([{ state: 'stopped', context: { signal: { aborted: true } } }]);
    expect(provider.requests).toHaveLength(1);
  }));

  it('opens no request when it is unsubscribed between two', marbles((m) => {
    const written$ = m.cold('           ---|');
    const history = { ...memoryHistory(), append: () => written$ };
    const { run$, provider } = make([m.cold('-a(m|)', turnOf)], [scriptedTool('a', 'done')], { history });
    m.expectObservable(shape(run$), '     ---!').toBe('AcM', { A: begin, c: 'call a', M: burst('m', 'result a', 'end a', 'm') });
    m.flush();
    expect(provider.requests).toHaveLength(1);
  }));

  it('gives an error event for a provider that fails, after what was delivered', marbles((m) => {
    const turn$ = m.cold('         --t-a#', turnOf, new Error('gone'));
    const { run$ } = make([turn$]);
    m.expectObservable(shape(run$)).toBe(['A-t-cE', '-----|'], { A: begin, t: 't', c: 'call a', E: burst('result a', 'end a', 'error') });
  }));
});

describe('tools', () => {
  const [slow, fast] = [30, 10];
  const both = (m: Marbles, toolConcurrency?: number) => {
    const tools = [scriptedTool('a', 'A', { latency: slow }), scriptedTool('b', 'B', { latency: fast })];
    const turns = [m.cold('ab(n|)', turnOf), m.cold('t(w|)', turnOf)];
    return { tools, ...make(turns, tools, toolConcurrency === undefined ? {} : { toolConcurrency }) };
  };

  it('run at once, are told as they finish, and answered in call order', marbles((m) => {
    const { run$, provider } = both(m);
    m.expectObservable(shape(run$)).toBe(['AbM 9ms B 19ms CZ', '-- 10ms - 20ms |'], {
      A: burst('s', 'i', 'call a'),
      b: 'call b',
      M: 'm',
      B: burst('result b', 'end b'),
      C: burst('result a', 'end a', 'm', 'e', 'i', 't'),
      Z: answered,
    });
    m.flush();
    expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject([{ toolUseId: 'a' }, { toolUseId: 'b' }]);
  }));

  it('run one after the other with toolConcurrency 1', marbles((m) => {
    const { run$, tools } = both(m, 1);
    m.expectObservable(shape(run$)).toBe(['AbM 29ms B 9ms CZ', '-- 30ms - 10ms |'], {
      A: burst('s', 'i', 'call a'),
      b: 'call b',
      M: 'm',
      B: burst('result a', 'end a'),
      C: burst('result b', 'end b', 'm', 'e', 'i', 't'),
      Z: answered,
    });
    m.flush();
    expect(tools.flatMap(({ calls }) => calls.map(({ startedAt }) => startedAt))).toEqual([2, 32]);
  }));

  it('that hang get an error result at their limit, and the loop goes on (T2)', marbles((m) => {
    const hung = scriptedTool('a', NEVER);
    const { run$ } = make([m.cold('a(m|)', turnOf), m.cold('t(w|)', turnOf)], [hung], { toolTimeout: 5 });
    m.expectObservable(shape(run$)).toBe(['AM----CZ', '-------|'], {
      A: burst('s', 'i', 'call a'),
      M: 'm',
      C: burst('result a', 'end a', 'm', 'e', 'i', 't'),
      Z: answered,
    });
    m.flush();
    expect(hung.calls).toMatchObject([{ context: { signal: { aborted: true } } }]);
  }));

  it('have a limit of their own that wins, and a signal that stays quiet once they have answered', marbles((m) => {
    const slow = scriptedTool('a', 'A', { latency: 7, timeout: 9 });
    const { run$ } = make([m.cold('a(m|)', turnOf), m.cold('t(w|)', turnOf)], [slow], { toolTimeout: 5 });
    m.expectObservable(run$.pipe(filter(({ type }) => type === 'tool_result'), map(({ seq }) => seq))).toBe('8ms r|', { r: 4 });
    m.flush();
    expect(slow.calls.map(({ state, context }) => [state, context.signal.aborted])).toEqual([['answered', false]]);
  }));

  it('show their progress and early values at once', marbles((m) => {
    const emitted$ = m.cold('       -p-v--(r|)', { p: progress({ progress: 1 }), v: 'early', r: 'late' });
    const busy = tool({ name: 'a', description: '', input: { type: 'object' }, execute: () => emitted$ });
    const { run$ } = make([m.cold('a(m|)', turnOf), m.cold('t(w|)', turnOf)], [busy]);
    m.expectObservable(shape(run$)).toBe(['AMp-p--CZ', '--------|'], {
      A: burst('s', 'i', 'call a'),
      M: 'm',
      p: 'progress a',
      C: burst('result a', 'end a', 'm', 'e', 'i', 't'),
      Z: answered,
    });
  }));
});

describe('decorators around the loop\'s provider', () => {
  it('retry before the first piece of an answer, after a wait that an event announces', marbles((m) => {
    const refused$ = m.cold('         -u#', turnOf, new OverloadedError('Overloaded'));
    const second$ = m.cold('          t(w|)', turnOf);
    const provider = scriptedProvider([refused$, second$]);
    const run$ = agent({ provider: retrying({ backoff: 8, jitter: 0 })(provider) })('Hi');
    m.expectObservable(shape(run$)).toBe(['AuY 7ms tZ', '--- 8ms |'], { A: begin, u: 'u', Y: 'retry', t: 't', Z: answered });
    m.expectSubscriptions(refused$.subscriptions).toBe('^-!');
    m.flush();
    expect(provider.requests.map(({ attempt }) => attempt)).toEqual([1, 2]);
  }));

  it('do not retry after it, nor what is not retryable (N4)', marbles((m) => {
    const cut$ = m.cold('-t#', turnOf, new OverloadedError('Overloaded'));
    const refused$ = m.cold('-#', turnOf, new Error('400'));
    const provider = scriptedProvider([cut$, refused$]);
    const ask = agent({ provider: retrying()(provider) });
    m.expectObservable(shape(ask('Hi'))).toBe(['AtE', '--|'], { A: begin, t: 't', E: 'error' });
    m.expectObservable(shape(ask('Hi'))).toBe(['AE', '-|'], { A: begin, E: 'error' });
    m.flush();
    expect(provider.requests).toHaveLength(2);
  }));

  it('are the agent\'s own by default: a service that never answers is given up after three attempts', marbles((m) => {
    const provider = scriptedProvider([NEVER, NEVER, NEVER]);
    const run$ = agent({ provider })('Hi');
    const [backoff1, backoff2] = [438, 875];
    m.expectObservable(shape(run$)).toBe(
      [`A 119999ms Y ${String(119_999 + backoff1)}ms Y ${String(119_999 + backoff2)}ms E`, `${String(360_000 + backoff1 + backoff2)}ms |`],
      { A: begin, Y: 'retry', E: 'error' },
    );
  }));

  it('end a turn that falls silent, and not one that is pinged (N14)', marbles((m) => {
    const silent$ = m.cold('-t-----------(w|)', turnOf);
    const provider = scriptedProvider([
      silent$,
      ({ onPing }) => m.cold('-t---p---p---(w|)', { ...turnOf, p: null }).pipe(tap((each) => each ?? onPing?.()), filter((each) => each !== null)),
    ]);
    const ask = agent({ provider: timingOut({ idle: 6 })(provider) });
    m.expectObservable(shape(ask('Hi'))).toBe(['At-----E', '-------|'], { A: begin, t: 't', E: 'error' });
    m.expectSubscriptions(silent$.subscriptions).toBe('^------!');
    m.expectObservable(shape(ask('Hi'))).toBe(['At-----------Z', '-------------|'], { A: begin, t: 't', Z: answered });
  }));
});
