import { snapshots, type AgentSnapshot, type CallSnapshot, type RunSnapshot } from 'coldstream/operators';
import { event, marbles, tokens, user } from 'coldstream/testing';
import { distinctUntilChanged, from, map, type Observable } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';

const inner = { path: ['call_1'] };
const second = { iteration: 1 };
const events = {
  s: event.iterationStart(),
  t: event.text('Hel'),
  u: event.text('lo'),
  h: event.thinking('hm'),
  i: event.toolInputStart('call_1', 'ask', { block: 1 }),
  j: event.toolInputDelta('call_1', '{}', { block: 1 }),
  a: event.toolUse('call_1', 'ask', { of: 'sea' }),
  q: event.toolApproval('call_1', 'ask', 'requested', { input: { of: 'sea' } }),
  g: event.toolApproval('call_1', 'ask', 'granted', { input: { of: 'lake' } }),
  p: event.toolProgress('call_1', 'ask', { progress: 1 }),
  A: event.toolResult('call_1', 'ask', 'Aral'),
  F: event.toolResult('call_1', 'ask', 'no', { isError: true }),
  x: event.toolUseEnd('call_1', 'ask'),
  b: event.toolUse('call_2', 'add'),
  n: event.usage(tokens(10, 5)),
  m: event.message('Hello'),
  r: event.retry(),
  T: event.text('Which?', inner),
  N: event.usage(tokens(100, 50), inner),
  C: event.complete(inner),
  c: event.complete({ usage: tokens(10, 5) }),
  e: event.error('Overloaded'),
};
const nothing: RunSnapshot = { runId: 'run_1', path: [], iteration: 0, text: '', thinking: '', calls: [], usage: null, agents: [], end: null };
const state = (values: Partial<RunSnapshot>): RunSnapshot => ({ ...nothing, ...values });
const call = (values: Partial<CallSnapshot>): CallSnapshot => ({ id: 'call_1', name: 'ask', iteration: 0, status: 'called', input: { of: 'sea' }, ...values });
const states = { s: nothing, t: state({ text: 'Hel' }), u: state({ text: 'Hello' }), h: state({ thinking: 'hm' }) };

/** The last state of these events. */
function stateAfter(all: readonly StreamEvent[]): RunSnapshot {
  const seen = statesOf(from(all));
  const last = seen.at(-1);
  if (last === undefined) throw new Error('there was no event');
  return last;
}

function statesOf(run$: Observable<StreamEvent>): RunSnapshot[] {
  const seen: RunSnapshot[] = [];
  run$.pipe(snapshots()).subscribe((each) => seen.push(each));
  return seen;
}

describe('snapshots', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                           -', events);
    m.expectObservable(source.pipe(snapshots()), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('empty: no event, no state; a run that says nothing, an empty one', marbles((m) => {
    m.expectObservable(m.cold('--|', events).pipe(snapshots())).toBe('--|');
    const source = m.cold('                            -s-c|', events);
    m.expectObservable(source.pipe(snapshots())).toBe('-s-c|', { s: nothing, c: state({ end: events.c }) });
    m.expectSubscriptions(source.subscriptions).toBe(' ^---!');
  }));

  it('one and many: tells the state after each event', marbles((m) => {
    m.expectObservable(m.cold('-h|', events).pipe(snapshots())).toBe('-h|', states);
    const many = m.cold('                            -st-un-c|', events);
    const usage = tokens(10, 5);
    m.expectObservable(many.pipe(snapshots())).toBe('-st-un-c|', {
      ...states,
      n: state({ text: 'Hello', usage }),
      c: state({ text: 'Hello', usage, end: events.c }),
    });
    m.expectSubscriptions(many.subscriptions).toBe(' ^-------!');
  }));

  it('follows a call: written, asked for, waiting, running, answered', marbles((m) => {
    const source = m.cold('                           -ijaqgpAx|', events);
    const granted = call({ input: { of: 'lake' }, approval: events.g.content });
    const progressed = { ...granted, progress: events.p.content };
    const calls = {
      i: { id: 'call_1', name: 'ask', iteration: 0, status: 'writing' },
      a: call({}),
      q: call({ status: 'waiting', approval: events.q.content }),
      g: granted,
      p: progressed,
      A: { ...progressed, status: 'done', result: events.A.content },
    };
    m.expectObservable(source.pipe(snapshots(), map((each) => each.calls[0]))).toBe('-iiaqgpAA|', calls);
    m.expectObservable(m.cold('-aF|', events).pipe(snapshots(), map(({ calls: [only] }) => only?.status))).toBe('-aF|', { a: 'called', F: 'failed' });
  }));

  it('M5: a call that was being written when its turn ended is cut', () => {
    const cut = stateAfter([events.i, events.j, event.message({ role: 'assistant', content: [] }, { stopReason: 'max_tokens' })]);
    expect(cut.calls).toMatchObject([{ id: 'call_1', status: 'cut' }]);
    expect(stateAfter([events.i, events.e]).calls).toMatchObject([{ status: 'cut' }]);
    expect(stateAfter([events.a, events.m]).calls).toMatchObject([{ status: 'called' }]);
  });

  it('says what was wrong with an input', () => {
    const invalid = event.invalidToolUse('call_1', 'ask', '{"of":');
    expect(stateAfter([events.i, invalid]).calls).toEqual([call({ input: {}, inputError: { text: '{"of":', message: 'invalid JSON' } })]);
  });

  it('takes back what a retry discards, also calls, and nothing of other iterations', () => {
    const before = [events.a, events.A, event.message('I ask.'), event.message(user('Aral'))];
    const taken = stateAfter([...before, event.text('No', second), event.toolUse('call_9', 'add', {}, second), event.retry({}, tokens(1, 1), second)]);
    expect(taken).toEqual(state({ iteration: 1, text: 'I ask.', calls: [call({ status: 'done', result: events.A.content })], usage: tokens(1, 1) }));
    const kept = stateAfter([events.t, events.a, event.retry({ discard: false })]);
    expect([kept.text, kept.calls.length]).toEqual(['Hel', 1]);
    // An id that was dropped is free again.
    expect(stateAfter([events.i, events.r, events.a]).calls).toEqual([call({})]);
    expect(stateAfter([events.a, events.r, events.p]).calls).toEqual([]);
  });

  it('tells a call whose id is used again from the one before', () => {
    const again = event.toolUse('call_1', 'ask', {}, second);
    const after = stateAfter([events.a, events.A, again]);
    expect(after.calls).toEqual([call({ status: 'done', result: events.A.content }), call({ iteration: 1, input: {} })]);
  });

  it('keeps sub-agents by their paths, at any depth, each with its own', () => {
    const deeper = { path: ['call_1', 'call_5'] };
    const after = stateAfter([events.a, events.T, event.text('deep', deeper), events.N, events.C]);
    const agent: AgentSnapshot = { path: ['call_1'], iteration: 0, text: 'Which?', thinking: '', calls: [], usage: tokens(100, 50), end: events.C };
    expect(after).toEqual(
      state({ calls: [call({})], usage: tokens(100, 50), agents: [agent, { ...agent, path: deeper.path, text: 'deep', usage: null, end: null }] }),
    );
  });

  it('begins anew with another run', () => {
    expect(stateAfter([events.t, events.c, event.iterationStart({ runId: 'run_2' })])).toEqual(state({ runId: 'run_2' }));
  });

  it('shares what has not changed, and is the same object where nothing has', () => {
    const [one, two, three, four, five, six] = statesOf(from([events.a, events.b, events.t, events.p, events.T, events.j]));
    expect(three?.calls).toBe(two?.calls);
    expect(four?.calls).not.toBe(three?.calls);
    expect(four?.calls[1]).toBe(three?.calls[1]);
    expect(two?.calls[0]).toBe(one?.calls[0]);
    expect(five?.calls).toBe(four?.calls);
    expect(four?.agents).toBe(one?.agents);
    expect(six).toBe(five);
    const agents = statesOf(from([events.T, event.text('x', { path: ['call_2'] }), events.t]));
    expect(agents[1]?.agents[0]).toBe(agents[0]?.agents[0]);
    expect(agents[2]?.agents).toBe(agents[1]?.agents);
    const usages = statesOf(from([events.n, events.t]));
    expect(usages[1]?.usage).toBe(usages[0]?.usage);
  });

  it('changes nothing that it has emitted, in whatever order that is read', () => {
    const all = [events.a, events.b, events.p, events.T, events.A, event.text('more', inner), events.r];
    const expected = all.map((_, index) => stateAfter(all.slice(0, index + 1)));
    expect(statesOf(from(all))).toEqual(expected);
    expect(statesOf(from(all)).reverse().map((each) => JSON.stringify(each))).toEqual(expected.reverse().map((each) => JSON.stringify(each)));
  });

  it('leaves a view nothing to do where nothing it shows has changed', marbles((m) => {
    const source = m.cold('                                -ijjaxx|', events);
    m.expectObservable(source.pipe(snapshots(), distinctUntilChanged(), map(({ calls }) => calls.length))).toBe('-i--a--|', { i: 1, a: 1 });
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                            -t-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(snapshots())).toBe('-t-#', states, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('has the error event of a run that failed for its end', marbles((m) => {
    m.expectObservable(m.cold('-t-e|', events).pipe(snapshots())).toBe('-t-e|', { t: states.t, e: state({ text: 'Hel', end: events.e }) });
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                           -t-u---', events);
    m.expectObservable(source.pipe(snapshots()), '    ------!').toBe('-t-u', states);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                           -t-u-c|', events);
    m.expectObservable(source.pipe(snapshots()), '    --!').toBe('-t', states);
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));
});
