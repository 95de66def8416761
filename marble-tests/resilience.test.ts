import { flow } from 'fp-ts/lib/function.js';
import { asyncScheduler, lastValueFrom, map, NEVER, of, timer, type Observable } from 'rxjs';
import { agent, fallingBackTo, foldMessage, limiting, modelOf, named, OverloadedError, retrying, timingOut, type Provider, type StreamEvent } from 'coldstream';
import { collectRun, finalText, ofType, usageTotals, type CollectedRun } from 'coldstream/operators';
import { assistant, event, marbles, scriptedProvider, scriptedTool, textTurn, tokens, turn, user, type Marbles } from 'coldstream/testing';
import { isDecorated } from '../src/resilience/marks.js';
import { request } from './resilience/support.js';

const overloaded = new OverloadedError('Overloaded');

/** What the attempts of the composition below emit. */
const told = {
  a: event.usage(tokens(3, 0)),
  b: event.usage(tokens(4, 1)),
  t: event.text('Hal'),
  s: event.text('Hello'),
  c: event.usage(tokens(10, 2)),
  d: event.usage(tokens(10, 5)),
  m: event.message('Hello', { stopReason: 'end_turn', usage: tokens(10, 5) }),
};

const late = (says: string, limit: string) => ({ code: 'timeout', message: `The model ${says} (limit "${limit}").` }) as const;

/** What is said of the abandoned ones. */
const switches = {
  x: event.retry({ attempt: 1, delayMs: 2, discard: false, error: late('fell silent in its answer within 3 ms', 'idle') }, tokens(3, 0)),
  y: event.retry({ attempt: 2, delayMs: 0, discard: true, to: 'small' }, tokens(4, 1)),
  z: event.retry({ attempt: 3, delayMs: 2, discard: false, error: late('did not begin to answer within 4 ms', 'firstByte') }),
};

/** A large model that falls silent and then breaks in its answer, and a small one that answers when asked again. */
function composed(m: Marbles) {
  const attempts = [m.cold('-a----', told), m.cold('-bt#', told, overloaded), m.cold('-----', told), m.cold('-sc-d(m|)', told)] as const;
  const [large, small] = [scriptedProvider(attempts.slice(0, 2)), scriptedProvider(attempts.slice(2))];
  const patient = flow(timingOut({ firstByte: 4, idle: 3 }), retrying({ attempts: 2, backoff: 2, jitter: 0, when: 'always' }));
  const provider = flow(patient, fallingBackTo(patient(named(small, 'small')), { when: 'always' }))(named(large, 'large'));
  return { provider, attempts, large, small };
}

describe('fallingBackTo, retrying and timingOut together', () => {
  it('N14 N13 N33 shows each attempt, what it cost and who takes over', marbles((m) => {
    const { provider, attempts, large, small } = composed(m);
    m.expectSubscriptions(attempts[0].subscriptions).toBe(' ^---!');
    m.expectSubscriptions(attempts[1].subscriptions).toBe(' ------^--!');
    m.expectSubscriptions(attempts[2].subscriptions).toBe(' ---------^---!');
    m.expectSubscriptions(attempts[3].subscriptions).toBe(' ---------------^----!');
    m.expectObservable(provider(request)).toBe('           -a--x--bty---z--sc-d(m|)', { ...told, ...switches });
    m.flush();
    expect([large, small].map(({ requests }) => requests.map(({ attempt }) => attempt))).toEqual([[1, 2], [3, 4]]);
    large.assertConsumed();
    small.assertConsumed();
  }));

  it.each(Array.from({ length: 20 }, (_, frame) => frame))('law 2: leaves no request and no timer behind when it is left at frame %i', marbles((m, frame) => {
    const { provider, attempts } = composed(m);
    m.expectObservable(provider(request), `${'-'.repeat(frame)}!`).toBe('-a--x--bty---z--sc-d'.slice(0, frame), { ...told, ...switches });
    const open: boolean[] = [];
    timer(frame).subscribe(() => open.push(...schedule.mock.results.map(({ value }) => !value.closed)));
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    m.flush();
    schedule.mockRestore();
    expect(open).not.toContain(true);
    expect(open.length).toBeGreaterThan(0);
    for (const { subscriptions } of attempts) for (const { unsubscribedFrame } of subscriptions) expect(unsubscribedFrame).toBeLessThanOrEqual(frame);
  }));

  it('law 8: an agent over it counts what the abandoned attempts cost, exactly once', marbles((m) => {
    const { provider } = composed(m);
    const run$ = agent({ provider })('Hi');
    const all = tokens(17, 6);
    const ends = run$.pipe(ofType('iteration_end', 'complete'), map(({ type, usage }) => ({ type, usage })));
    m.expectObservable(ends).toBe('20ms (ec|)', { e: { type: 'iteration_end', usage: all }, c: { type: 'complete', usage: all } });
  }));

  it('usageTotals adds them as they are told, and the text is that of the attempt that counts', marbles((m) => {
    const totals = { a: tokens(3, 0), b: tokens(7, 1), c: tokens(17, 3), d: tokens(17, 6) };
    m.expectObservable(agent({ provider: composed(m).provider })('Hi').pipe(usageTotals())).toBe('-a-----b---------c-d|', totals);
    m.expectObservable(composed(m).provider(request).pipe(usageTotals())).toBe('-a-----b---------c-d|', totals);
    m.expectObservable(agent({ provider: composed(m).provider })('Hi').pipe(finalText())).toBe('20ms (t|)', { t: 'Hello' });
    const events: StreamEvent[] = [];
    composed(m).provider(request).subscribe((each) => events.push(each));
    m.flush();
    expect(foldMessage(events)).toEqual(assistant('Hello'));
  }));

  it('counts them in the iteration in which they were abandoned, and drops their calls', marbles((m) => {
    const call = (id: string) => turn({ tools: [{ id, name: 'clock' }], usage: tokens(10, 1) });
    const broken$ = m.cold('(ab#)', { a: event.usage(tokens(7, 0)), b: event.toolUse('call_0', 'clock') }, overloaded);
    const large = scriptedProvider([broken$, overloaded, textTurn('Noon.')]);
    const small = named(scriptedProvider([call('call_1')]), 'small');
    const provider = flow(retrying({ attempts: 2, jitter: 0, when: 'always' }), fallingBackTo(small))(large);
    const clock = scriptedTool('clock', 'noon');
    const collected: CollectedRun[] = [];
    agent({ provider, tools: [clock] })('Time?').pipe(collectRun()).subscribe((run) => collected.push(run));
    m.flush();
    const [run] = collected;
    expect(run?.events.flatMap((each) => (each.type === 'iteration_end' ? [each.usage] : []))).toEqual([tokens(17, 1), tokens(10, 5)]);
    expect(run?.usage).toEqual(tokens(27, 6));
    expect(run?.text).toBe('Noon.');
    expect([run?.toolCalls, clock.calls].map((calls) => calls?.map(({ id }) => id))).toEqual([['call_1'], ['call_1']]);
    expect(run?.messages.slice(0, 2)).toEqual([user('Time?'), assistant([{ type: 'tool_use', id: 'call_1', name: 'clock', input: {} }])]);
  }));

  it('an agent keeps the snapshot of an abandoned attempt where the retry knows no usage, as usageTotals does', marbles((m) => {
    const provider: Provider = () => m.cold('(arsdm|)', { ...told, r: event.retry({ discard: false }) });
    const bill$ = agent({ provider, resilience: false })('Hi').pipe(ofType('complete'), map(({ usage }) => usage));
    m.expectObservable(bill$).toBe('(c|)', { c: tokens(13, 5) });
  }));

  it('a run that fails after all was taken back delivered nothing', marbles((m) => {
    const provider = scriptedProvider([m.cold('-a(t#)', told, overloaded), overloaded]);
    const run$ = agent({ provider: retrying({ attempts: 2, backoff: 2, jitter: 0, when: 'always' })(provider) })('Hi');
    const end$ = run$.pipe(ofType('error'), map(({ usage, content }) => ({ usage, partial: content.partial })));
    m.expectObservable(end$).toBe('----(e|)', { e: { usage: tokens(3, 0), partial: false } });
  }));

  it('a run that fails in the end has a bill too', marbles((m) => {
    const broken = () => m.cold('-a(t#)', told, overloaded);
    const provider = flow(retrying({ attempts: 2, backoff: 2, jitter: 0, when: 'always' }), fallingBackTo(named(broken, 'small'), { when: 'always' }))(broken);
    const run$ = agent({ provider })('Hi').pipe(ofType('error'), map(({ usage, content }) => ({ usage, partial: content.partial })));
    m.expectObservable(run$).toBe('--------(e|)', { e: { usage: tokens(9, 0), partial: true } });
  }));
});

describe('every decorator', () => {
  const decorators: Readonly<Record<string, (provider: Provider) => Provider>> = {
    retrying: retrying(),
    timingOut: timingOut(),
    fallingBackTo: fallingBackTo(() => NEVER),
    limiting: limiting({}),
    'a flow of them': flow(timingOut(), limiting({ concurrency: 1 }), retrying(), fallingBackTo(() => NEVER)),
  };

  it.each(Object.keys(decorators))('%s marks what it returns, keeps its model, and does nothing before subscribe', async (name) => {
    let asked = 0;
    const answer: Provider = (): Observable<StreamEvent> => {
      asked += 1;
      return of(told.m);
    };
    const decorated = decorators[name]?.(named(answer, 'model')) ?? answer;
    expect([isDecorated(decorated), modelOf(decorated)]).toEqual([true, 'model']);
    expect(modelOf(decorators[name]?.(() => NEVER) ?? answer)).toBeUndefined();
    const events$ = decorated(request);
    expect(asked).toBe(0);
    expect(await lastValueFrom(events$)).toBe(told.m);
    expect(await lastValueFrom(events$)).toBe(told.m);
    expect(asked).toBe(2);
  });
});

describe('what the agent adds by itself', () => {
  it('is nothing for a provider that the application has decorated, or without resilience', marbles((m) => {
    const types = (provider: Provider, resilience?: boolean) => {
      const seen: string[] = [];
      agent({ provider, ...(resilience === undefined ? {} : { resilience }) })('Hi').subscribe(({ type }) => seen.push(type));
      return seen;
    };
    expect(types(retrying({ attempts: 1 })(scriptedProvider([overloaded])))).not.toContain('retry');
    expect(types(scriptedProvider([overloaded]), false)).not.toContain('retry');
    expect(types(scriptedProvider([overloaded]))).toContain('retry');
    m.flush();
  }));
});
