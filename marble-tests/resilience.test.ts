import { asyncScheduler, NEVER, of, throwError, type Observable } from 'rxjs';
import { agent, retrying, timingOut, type Provider } from 'coldstream';
import { burst, event, marbles, scriptedProvider, textTurn, tokens } from 'coldstream/testing';
import { ConnectionError, OverloadedError, RateLimitError, TimeoutError } from '../src/errors/errors.js';
import type { StreamEvent } from '../src/events/events.js';

const request = { messages: [], runId: 'run_1' };
const values: Readonly<Record<'u' | 't' | 'm', StreamEvent>> = { u: event.usage(tokens(3, 0)), t: event.text('text'), m: event.message('text') };

/** What `textTurn('ok')` comes to without its usage event. */
const answered = burst(event.text('ok'), event.message('ok', { stopReason: 'end_turn', usage: tokens(10, 5) }));

const retry = (attempt: number, delayMs: number, rest: Partial<Parameters<typeof event.retry>[0]> = {}): StreamEvent =>
  event.retry({ attempt, delayMs, discard: false, error: { code: 'overloaded', message: 'Overloaded' }, ...rest });

describe('retrying', () => {
  const failing = (...errors: readonly Error[]) => scriptedProvider([...errors, textTurn('ok').filter(({ type }) => type !== 'usage')]);
  const overloaded = new OverloadedError('Overloaded');

  it('doubles its wait up to a limit, with chance taking part of it off', marbles((m) => {
    const provider = failing(overloaded, overloaded, overloaded);
    const patient = retrying({ attempts: 4, backoff: 10, maxBackoff: 15, jitter: 0.4 })(provider);
    // Chance is pinned to one half: 10, 15 and 15 lose a fifth.
    m.expectObservable(patient(request)).toBe(['a 7ms b 11ms c 11ms Z', '32ms |'], { a: retry(1, 8), b: retry(2, 12), c: retry(3, 12), Z: answered });
  }));

  it('N3 gives up after its attempts, with the last error', marbles((m) => {
    const provider = scriptedProvider([overloaded, overloaded, overloaded]);
    m.expectObservable(retrying({ backoff: 1, jitter: 0 })(provider)(request)).toBe('ab-#', { a: retry(1, 1), b: retry(2, 2) }, overloaded);
    m.flush();
    provider.assertConsumed();
  }));

  it('N35 waits as long as the service asks, up to a cap', marbles((m) => {
    const asked = (retryAfterMs: number) => new RateLimitError('Slow down', { retryAfterMs });
    const error = { code: 'rate_limit', message: 'Slow down' } as const;
    const provider = failing(asked(3), asked(3_600_000));
    m.expectObservable(retrying({ maxRetryAfter: 5 })(provider)(request)).toBe(['a--b----Z', '--------|'], {
      a: retry(1, 3, { error }),
      b: retry(2, 5, { error }),
      Z: answered,
    });
  }));

  it('N36 does not retry what will not get better', marbles((m) => {
    const spent = new RateLimitError('Spend limit reached', { retryable: false });
    const provider = failing(spent);
    m.expectObservable(retrying()(provider)(request)).toBe('#', undefined, spent);
  }));

  it('says what the abandoned attempt cost', marbles((m) => {
    const provider = scriptedProvider([m.cold('u#', values, overloaded), m.cold('t(m|)', values)]);
    const usage = tokens(3, 0);
    m.expectObservable(retrying({ backoff: 2, jitter: 0 })(provider)(request)).toBe('uy-t(m|)', {
      ...values,
      y: event.retry({ attempt: 1, delayMs: 2, discard: false, error: { code: 'overloaded', message: 'Overloaded' } }, usage),
    });
  }));

  it('waits for nothing once it is unsubscribed', marbles((m) => {
    const provider = failing(overloaded);
    m.expectObservable(retrying({ backoff: 5, jitter: 0 })(provider)(request), '--!').toBe('a', { a: retry(1, 5) });
    m.flush();
    expect(provider.requests).toHaveLength(1);
  }));

  it('gives all attempts of a request that has no run id the same one', marbles((m) => {
    const provider = failing(overloaded);
    retrying({ backoff: 1, jitter: 0 })(provider)({ messages: [] }).subscribe();
    m.flush();
    expect(provider.requests.map(({ runId }) => runId)).toEqual(['run_1', 'run_1']);
  }));
});

describe('timingOut', () => {
  const limited = (source: Observable<StreamEvent>, limits: Parameters<typeof timingOut>[0]): Observable<StreamEvent> =>
    timingOut(limits)(() => source)(request);
  const passed = (limit: string, ms: number, says: string, partial: boolean) =>
    new TimeoutError(`The model ${says} within ${String(ms)} ms (limit "${limit}").`, { partial });

  it('N13 limits the wait for the first sign of life', marbles((m) => {
    const source$ = m.cold('---', values);
    m.expectObservable(limited(source$, { firstByte: 5 })).toBe('-----#', values, passed('firstByte', 5, 'did not begin to answer', false));
    m.expectSubscriptions(source$.subscriptions).toBe('^----!');
  }));

  it('N14 limits the silence between two', marbles((m) => {
    const source$ = m.cold('-t--t---------', values);
    m.expectObservable(limited(source$, { idle: 5 })).toBe('-t--t----#', values, passed('idle', 5, 'fell silent in its answer', true));
    m.expectSubscriptions(source$.subscriptions).toBe('^--------!');
  }));

  it('N15 limits the time without content, though pings and usage go on', marbles((m) => {
    const source$ = m.cold('-u-u-u-u-u-u-u', values);
    const says = 'kept the connection alive but sent nothing of its answer';
    m.expectObservable(limited(source$, { idle: 5, contentIdle: 7 })).toBe('-u-u-u-u#', values, passed('contentIdle', 7, says, false));
  }));

  it('counts a ping as a sign of life and hands it on', marbles((m) => {
    const pings: number[] = [];
    const provider: Provider = ({ onPing }) => {
      onPing?.();
      return NEVER;
    };
    const watched = timingOut({ firstByte: 3, idle: 6 })(provider);
    m.expectObservable(watched({ ...request, onPing: () => pings.push(m.now()) })).toBe('------#', values, passed('idle', 6, 'fell silent in its answer', false));
    m.flush();
    expect(pings).toEqual([0]);
  }));

  it('limits the whole turn, and no limit can be Infinity', marbles((m) => {
    const source$ = m.cold('-t-t-t-t', values);
    const off = { firstByte: Infinity, idle: Infinity, contentIdle: Infinity };
    m.expectObservable(limited(source$, { ...off, total: 6 })).toBe('-t-t-t#', values, passed('total', 6, 'did not finish its answer', true));
    m.expectObservable(limited(m.cold('t 10m (m|)', values), off)).toBe('t 10m (m|)', values);
  }));

  it('sets no timer per event', marbles((m) => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    m.expectObservable(limited(m.cold('tttttttt(m|)', values), { firstByte: 9, idle: 7, contentIdle: 8 })).toBe('tttttttt(m|)', values);
    m.flush();
    // One for the first byte, one for the nearest limit after it, one when that fires early.
    expect(schedule.mock.calls.length).toBeLessThanOrEqual(3);
    schedule.mockRestore();
  }));

  it('does not take the wait of a retry beneath it for silence', marbles((m) => {
    const refused$ = m.cold('-u-#', values, new OverloadedError('Overloaded'));
    const provider = scriptedProvider([refused$, m.cold('---t(m|)', values)]);
    const patient = timingOut({ firstByte: 4, idle: 3, contentIdle: 3 })(retrying({ backoff: 9, jitter: 0 })(provider));
    m.expectObservable(patient(request)).toBe('-u-y 11ms t(m|)', { ...values, y: event.retry({ attempt: 1, delayMs: 9, discard: false, error: { code: 'overloaded', message: 'Overloaded' } }, tokens(3, 0)) });
  }));

  it('starts anew for each subscription', marbles((m) => {
    const source$ = m.cold('-t------', values);
    const watched$ = limited(source$, { idle: 4 });
    m.expectObservable(watched$).toBe('-t---#', values, passed('idle', 4, 'fell silent in its answer', true));
    m.expectObservable(watched$, '--^').toBe('---t---#', values, passed('idle', 4, 'fell silent in its answer', true));
  }));

  it('passes on completion and other errors', marbles((m) => {
    m.expectObservable(limited(of(values.t), {})).toBe('(t|)', values);
    const gone = new ConnectionError('gone');
    m.expectObservable(limited(throwError(() => gone), {})).toBe('#', values, gone);
  }));
});

describe('what the agent adds by itself', () => {
  it('is nothing for a provider that the application has decorated, or without resilience', marbles((m) => {
    const overloaded = new OverloadedError('Overloaded');
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
