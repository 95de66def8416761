import { NEVER, of, type Observable } from 'rxjs';
import {
  CallbackError,
  ConfigurationError,
  errorCodes,
  fallingBackTo,
  modelOf,
  named,
  OverloadedError,
  retrying,
  RunError,
  ServerError,
  type FallbackFailure,
  type Provider,
  type RepeatWhen,
  type StreamEvent,
} from 'coldstream';
import { event, marbles, scriptedProvider, textTurn, tokens } from 'coldstream/testing';
import { request, retry, values } from './support.js';

const overloaded = new OverloadedError('Overloaded');
const answers = (source$: Observable<StreamEvent>, model = 'spare') => named(scriptedProvider([source$]), model);
const switched = (attempt: number, rest: Parameters<typeof event.retry>[0] = {}): StreamEvent => retry(attempt, 0, { to: 'spare', ...rest });

describe('fallingBackTo', () => {
  it('N37 has the other answer, in the same frame, and says who does', marbles((m) => {
    const first$ = m.cold(' --#', values, overloaded);
    const second$ = m.cold('  -t(m|)', values);
    const guarded = fallingBackTo(answers(second$))(scriptedProvider([first$]));
    m.expectObservable(guarded(request)).toBe('--rt(m|)', { ...values, r: switched(1) });
    m.expectSubscriptions(first$.subscriptions).toBe(' ^-!');
    m.expectSubscriptions(second$.subscriptions).toBe('--^-!');
  }));

  it('asks only the first where it answers', marbles((m) => {
    const spare = scriptedProvider([]);
    m.expectObservable(fallingBackTo(spare)(() => m.cold('-t(m|)', values))(request)).toBe('-t(m|)', values);
    m.flush();
    spare.assertConsumed();
  }));

  it('N33 leaves an answer that has begun to its error, unless it is told to take back what was shown', marbles((m) => {
    const broken = (): Provider => scriptedProvider([m.cold('-t-u#', values, overloaded)]);
    const spare = answers(m.cold('-t(m|)', values));
    m.expectObservable(fallingBackTo(spare)(broken())(request)).toBe('-t-u#', values, overloaded);
    const always$ = fallingBackTo(spare, { when: 'always' })(broken())(request);
    const all = event.retry({ attempt: 1, delayMs: 0, discard: true, to: 'spare' }, tokens(3, 0));
    m.expectObservable(always$).toBe('-t-uRt(m|)', { ...values, R: all });
    m.flush();
    expect(spare.requests).toHaveLength(1);
  }));

  it('takes nothing back once the turn is over, or once a tool may be running', marbles((m) => {
    const spare = answers(m.cold('(m|)', values));
    const over$ = fallingBackTo(spare, { when: 'always' })(() => m.cold('-t-m#', values, overloaded))(request);
    m.expectObservable(over$).toBe('-t-m#', values, overloaded);
    const running$ = fallingBackTo(spare, { when: 'always' })(() => m.cold('-c-#', values, overloaded))({ ...request, eager: { started: true } });
    m.expectObservable(running$).toBe('-c-#', values, overloaded);
  }));

  it('names who takes over: as it is told, as the other was named, else as unknown', marbles((m) => {
    const named$ = fallingBackTo(answers(of(values.m)), { to: 'Plan B' })(scriptedProvider([overloaded]))(request);
    m.expectObservable(named$).toBe('(rm|)', { ...values, r: switched(1, { to: 'Plan B' }) });
    const unknown$ = fallingBackTo(() => of(values.m))(scriptedProvider([overloaded]))(request);
    m.expectObservable(unknown$).toBe('(rm|)', { ...values, r: switched(1, { to: 'unknown' }) });
  }));

  it('keeps the name of the first model, whoever takes over', () => {
    expect(modelOf(fallingBackTo(named(() => NEVER, 'spare'))(named(() => NEVER, 'first')))).toBe('first');
  });

  const kept: readonly string[] = ['aborted', 'callback', 'configuration', 'discarded', 'invalid_request'];
  it.each(errorCodes.map((code) => ({ code, stays: kept.includes(code) })))('N34 $code stays where it is: $stays', marbles((m, { code, stays }) => {
    const failure = new RunError('no', code);
    const guarded$ = fallingBackTo(answers(of(values.m)))(scriptedProvider([failure]))(request);
    const r = switched(1, { error: { code, message: 'no' } });
    m.expectObservable(guarded$).toBe(stays ? '#' : '(rm|)', { ...values, r }, failure);
  }));

  it('switches for what is no error of ours', marbles((m) => {
    const guarded$ = fallingBackTo(answers(of(values.m)))(scriptedProvider([new TypeError('bug')]))(request);
    m.expectObservable(guarded$).toBe('(rm|)', { ...values, r: switched(1, { error: { code: 'unknown', message: 'bug' } }) });
  }));

  it('asks the application where it has a say', marbles((m) => {
    const seen: FallbackFailure[] = [];
    const choosy = (failure: Error) =>
      fallingBackTo(answers(of(values.m)), {
        when: 'always',
        on: (view) => {
          seen.push(view);
          return view.status === 503;
        },
      })(() => m.cold('t#', values, failure));
    const unavailable = new ServerError('Unavailable', { status: 503, retryAfterMs: 2 });
    const R = switched(1, { discard: true, error: { code: 'server', message: 'Unavailable' } });
    m.expectObservable(choosy(unavailable)(request)).toBe(['tR', '-(m|)'], { ...values, R });
    m.expectObservable(choosy(overloaded)(request)).toBe('t#', values, overloaded);
    m.flush();
    expect(seen).toEqual([
      { code: 'server', message: 'Unavailable', retryable: true, partial: true, status: 503, retryAfterMs: 2 },
      { code: 'overloaded', message: 'Overloaded', retryable: true, partial: true },
    ]);
  }));

  it('fails with the fault of a callback', marbles((m) => {
    const bug = new TypeError('bug');
    const on = (): boolean => {
      throw bug;
    };
    const guarded$ = fallingBackTo(answers(of(values.m)), { on })(scriptedProvider([overloaded]))(request);
    m.expectObservable(guarded$).toBe('#', values, new CallbackError('on of fallingBackTo failed: bug', { cause: bug }));
  }));

  it('passes what fails in the other, and does not ask the first again', marbles((m) => {
    const first = scriptedProvider([overloaded]);
    const failure = new ServerError('also down');
    m.expectObservable(fallingBackTo(named(scriptedProvider([failure]), 'spare'))(first)(request)).toBe('(r#)', { r: switched(1) }, failure);
    m.flush();
    first.assertConsumed();
  }));

  it('counts attempts on through both, and tells the cost of each once', marbles((m) => {
    const first = scriptedProvider([m.cold('u#', values, overloaded), m.cold('-u#', values, overloaded)]);
    const second = scriptedProvider([overloaded, textTurn('ok').slice(0, 1)]);
    const patient = retrying({ attempts: 2, backoff: 2, jitter: 0 });
    const guarded = fallingBackTo(patient(named(second, 'spare')))(patient(first));
    m.expectObservable(guarded(request)).toBe(['ua--ub', '-----c-', '-------(t|)'], {
      u: values.u,
      a: event.retry({ attempt: 1, delayMs: 2, discard: false }, tokens(3, 0)),
      b: event.retry({ attempt: 2, delayMs: 0, discard: false, to: 'spare' }, tokens(3, 0)),
      c: retry(3, 2),
      t: event.text('ok'),
    });
    m.flush();
    expect([first, second].map(({ requests }) => requests.map(({ attempt }) => attempt))).toEqual([[1, 2], [3, 4]]);
  }));

  it('tells nothing of a cost that a retry beneath has told', marbles((m) => {
    const first = scriptedProvider([m.cold('u#', values, overloaded), overloaded]);
    const guarded$ = fallingBackTo(answers(of(values.m)))(retrying({ attempts: 2, backoff: 2, jitter: 0 })(first))(request);
    m.expectObservable(guarded$).toBe('ua-(bm|)', { ...values, a: event.retry({ attempt: 1, delayMs: 2, discard: false }, tokens(3, 0)), b: switched(2) });
  }));

  it('switches where a retry beneath has taken back what was shown', marbles((m) => {
    const first = scriptedProvider([m.cold('t#', values, overloaded), overloaded]);
    const guarded$ = fallingBackTo(answers(of(values.m)))(retrying({ when: 'always', attempts: 2, backoff: 2, jitter: 0 })(first))(request);
    m.expectObservable(guarded$).toBe('ta-(bm|)', { ...values, a: retry(1, 2, { discard: true }), b: switched(2) });
  }));

  it('nests: the third answers where the second fails too', marbles((m) => {
    const failing = (model: string) => named(scriptedProvider([m.cold('-#', values, overloaded)]), model);
    const third = answers(of(values.m), 'third');
    const chain = fallingBackTo(third)(fallingBackTo(failing('spare'))(failing('first')));
    m.expectObservable(chain(request), undefined, { envelope: ['model'] }).toBe('-a(bm|)', {
      a: { ...switched(1), model: 'first' },
      b: { ...switched(2, { to: 'third' }), model: 'spare' },
      m: values.m,
    });
    m.flush();
    expect(third.requests.map(({ attempt }) => attempt)).toEqual([3]);
  }));

  it('law 1: asks the first again for each subscription, and all attempts share a run', marbles((m) => {
    const first = scriptedProvider([overloaded, textTurn('ok')]);
    const second = scriptedProvider([textTurn('ok')]);
    const guarded$ = fallingBackTo(second)(first)({ messages: [] });
    guarded$.subscribe();
    guarded$.subscribe();
    m.flush();
    expect([first, second].map(({ requests }) => requests.map(({ runId }) => runId))).toEqual([['run_1', 'run_2'], ['run_1']]);
  }));

  it('law 2: stops whichever answers', marbles((m) => {
    const sources = [m.cold('--#', values, overloaded), m.cold('-----', values)] as const;
    const guarded = () => fallingBackTo(answers(sources[1]))(() => sources[0]);
    m.expectObservable(guarded()(request), '-!').toBe('-');
    m.expectObservable(guarded()(request), '----!').toBe('--r', { r: switched(1) });
    m.expectSubscriptions(sources[0].subscriptions).toBe(['^!', '^-!']);
    m.expectSubscriptions(sources[1].subscriptions).toBe(['--^-!']);
  }));

  it('hands the hooks of the wire on to both', marbles((m) => {
    const heard: string[] = [];
    const telling = (name: string, events$: Observable<StreamEvent>): Provider => ({ onPing, onAnswer }) => {
      heard.push(name);
      onAnswer?.();
      onPing?.();
      return events$;
    };
    const guarded = fallingBackTo(telling('second', of(values.m)))(telling('first', m.cold('#', values, overloaded)));
    guarded({ ...request, onPing: () => heard.push('ping'), onAnswer: () => heard.push('answer') }).subscribe();
    m.flush();
    expect(heard).toEqual(['first', 'answer', 'ping', 'second', 'answer', 'ping']);
  }));

  it('refuses a word that it does not know', () => {
    const word: RepeatWhen = JSON.parse('"never"');
    expect(() => fallingBackTo(() => NEVER, { when: word })).toThrow(ConfigurationError);
  });
});
