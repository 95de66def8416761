import { agent } from 'coldstream';
import { latency, type TurnLatency } from 'coldstream/operators';
import { event, marbles, scriptedProvider, scriptedTool, textTurn, tokens, toolTurn, user } from 'coldstream/testing';

const at = (timestamp: number) => ({ timestamp });
const second = { iteration: 1 };
const events = {
  s: event.iterationStart(at(1_000)),
  t: event.text('Hel', at(1_400)),
  u: event.text('lo', at(1_800)),
  h: event.thinking('hm', at(1_200)),
  i: event.toolInputStart('call_1', 'add', at(1_300)),
  m: event.message('Hello', { ...at(2_400), usage: tokens(10, 20), model: 'small' }),
  c: event.complete(),
  e: event.error('Overloaded'),
};
const turn = (values: Partial<TurnLatency>): TurnLatency => ({
  runId: 'run_1', iteration: 0, model: 'small', firstTokenMs: 400, totalMs: 1_400, outputTokens: 20, tokensPerSecond: 20, ...values,
});
const turns = { m: turn({}) };

describe('latency', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                         -', events);
    m.expectObservable(source.pipe(latency()), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('empty: no turn came to its message', marbles((m) => {
    const source = m.cold('                          -s-t-c|', events);
    m.expectObservable(source.pipe(latency())).toBe('------|');
    m.expectObservable(m.cold('|', events).pipe(latency())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('one and many: tells each turn with its message', marbles((m) => {
    const one = m.cold('                          -s-tu-m-c|', events);
    m.expectObservable(one.pipe(latency())).toBe('------m--|', turns);
    const next = {
      ...events,
      r: event.message(user('3'), at(2_500)),
      S: event.iterationStart({ ...second, ...at(3_000) }),
      T: event.text('Yes', { ...second, ...at(3_100) }),
      M: event.message('Yes', { ...second, ...at(3_600), usage: tokens(1, 5) }),
    };
    const many = m.cold('                          -stmrSTMc|', next);
    m.expectObservable(many.pipe(latency())).toBe('---m---M-|', {
      m: turns.m,
      M: turn({ iteration: 1, model: null, firstTokenMs: 100, totalMs: 600, outputTokens: 5, tokensPerSecond: 10 }),
    });
    m.expectSubscriptions(many.subscriptions).toBe('^--------!');
  }));

  it('counts thinking and tool input as first tokens', marbles((m) => {
    m.expectObservable(m.cold('-shtm|', events).pipe(latency())).toBe('----m|', { m: turn({ firstTokenMs: 200, tokensPerSecond: 20_000 / 1_200 }) });
    m.expectObservable(m.cold('-sim|', events).pipe(latency())).toBe(' ---m|', { m: turn({ firstTokenMs: 300, tokensPerSecond: 20_000 / 1_100 }) });
  }));

  it('does not know when a provider without an agent was asked', marbles((m) => {
    m.expectObservable(m.cold('-tum|', events).pipe(latency())).toBe('---m|', { m: turn({ firstTokenMs: null, totalMs: null }) });
  }));

  it('takes the last usage where the message has none, and has no speed without one or without time', marbles((m) => {
    const bare = {
      ...events,
      x: event.usage(tokens(10, 2)),
      y: event.usage(tokens(10, 40)),
      m: event.message('Hello', { ...at(2_400), model: 'small' }),
      b: event.message('Hello', { ...at(1_400), usage: tokens(10, 20), model: 'small' }),
    };
    m.expectObservable(m.cold('-stxym|', bare).pipe(latency())).toBe('-----m|', { m: turn({ outputTokens: 40, tokensPerSecond: 40 }) });
    m.expectObservable(m.cold('-stm|', bare).pipe(latency())).toBe('---m|', { m: turn({ outputTokens: null, tokensPerSecond: null }) });
    m.expectObservable(m.cold('-stb|', bare).pipe(latency())).toBe('---b|', { b: turn({ totalMs: 400, tokensPerSecond: null }) });
    m.expectObservable(m.cold('-sm|', bare).pipe(latency())).toBe('--m|', { m: turn({ firstTokenMs: null, outputTokens: null, tokensPerSecond: null }) });
  }));

  it('waits for the pieces that stand where a retry takes some back', marbles((m) => {
    const retried = { ...events, x: event.usage(tokens(10, 99)), r: event.retry(), k: event.retry({ discard: false }), m: event.message('Hello', { ...at(2_400), model: 'small' }) };
    m.expectObservable(m.cold('-stxrum|', retried).pipe(latency())).toBe('------m|', { m: turn({ firstTokenMs: 800, outputTokens: null, tokensPerSecond: null }) });
    m.expectObservable(m.cold('-stxkum|', retried).pipe(latency())).toBe('------m|', { m: turn({ outputTokens: null, tokensPerSecond: null }) });
  }));

  it('leaves out sub-agents, and keeps runs in one stream apart', marbles((m) => {
    const inner = { T: event.text('x', { path: ['call_1'], timestamp: 1_001 }), M: event.message('x', { path: ['call_1'] }) };
    m.expectObservable(m.cold('-sTMtm|', { ...events, ...inner }).pipe(latency())).toBe('-----m|', turns);
    const other = { S: event.iterationStart({ runId: 'run_2' }), T: event.text('x', { runId: 'run_2', ...at(1) }) };
    m.expectObservable(m.cold('-sSTtm|', { ...events, ...other }).pipe(latency())).toBe('-----m|', turns);
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                          -stm#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(latency())).toBe('---m#', turns, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^---!');
  }));

  it('completes with a run that failed', marbles((m) => {
    m.expectObservable(m.cold('-ste-|', events).pipe(latency())).toBe('-----|');
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                         -stm---', events);
    m.expectObservable(source.pipe(latency()), '    ------!').toBe('---m', turns);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                         -st-m|', events);
    m.expectObservable(source.pipe(latency()), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('tells of an agent in virtual time', marbles((m) => {
    const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'slow' }), textTurn('Do', 'ne')], { latency: 90, pace: 10 });
    const ask = agent({ provider, tools: [scriptedTool('slow', 'x', { latency: 30_000 })] });
    // Each turn: 90 to begin, then 10 before each of its events; the first of them is a piece.
    m.expectObservable(ask('Hi').pipe(latency())).toBe('140ms a 30129ms (b|)', {
      a: { runId: 'run_1', iteration: 0, model: null, firstTokenMs: 100, totalMs: 140, outputTokens: 5, tokensPerSecond: 125 },
      b: { runId: 'run_1', iteration: 1, model: null, firstTokenMs: 100, totalMs: 130, outputTokens: 5, tokensPerSecond: 5_000 / 30 },
    });
  }));
});
