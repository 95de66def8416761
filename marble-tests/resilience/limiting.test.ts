import { asyncScheduler, concat, concatMap, count, defer, finalize, from, map, mergeMap, of, take, throwError, timer } from 'rxjs';
import { agent, ConfigurationError, limiting, OverloadedError, retrying, type LimitOptions, type Provider } from 'coldstream';
import { ofType } from 'coldstream/operators';
import { event, marbles, scriptedProvider, textTurn, tokens, toolTurn } from 'coldstream/testing';
import { request, retry, values } from './support.js';

const minute = 60_000;

/** A provider that notes when it is asked, and answers for `length` milliseconds. */
const noting = (now: () => number, length: number, usage = tokens(1, 0)) => {
  const asked: number[] = [];
  const provider: Provider = () =>
    defer(() => {
      asked.push(now());
      return concat(of(event.usage(usage)), timer(length).pipe(concatMap(() => of(values.m))));
    });
  return { asked, provider };
};

describe('limiting', () => {
  it('has no more requests under way than are allowed, first come, first served', marbles((m) => {
    const one$ = m.cold('  --t-(m|)', values);
    const two$ = m.cold('  -t(m|)', values);
    const limited = limiting({ concurrency: 2 })(scriptedProvider([one$, two$, two$, one$]));
    m.expectObservable(limited(request)).toBe('--t-(m|)', values);
    m.expectObservable(limited(request)).toBe('-t(m|)', values);
    m.expectObservable(limited(request)).toBe('---t(m|)', values);
    m.expectObservable(limited(request)).toBe('------t-(m|)', values);
    m.expectSubscriptions(one$.subscriptions).toBe(['^---!', '----^---!']);
    m.expectSubscriptions(two$.subscriptions).toBe(['^-!', '--^-!']);
  }));

  it('gives a place back on completion, on failure and on unsubscription', marbles((m) => {
    const overloaded = new OverloadedError('Overloaded');
    const sources = [m.cold('--(m|)', values), m.cold('--#', values, overloaded), m.cold('-----', values), m.cold('(m|)', values)] as const;
    const limited = limiting({ concurrency: 1 })(scriptedProvider(sources));
    m.expectObservable(limited(request)).toBe('       --(m|)', values);
    m.expectObservable(limited(request)).toBe('       ----#', values, overloaded);
    m.expectObservable(limited(request), '^-----!').toBe('-------');
    m.expectObservable(limited(request)).toBe('       ------(m|)', values);
    m.expectSubscriptions(sources[0].subscriptions).toBe('^-!');
    m.expectSubscriptions(sources[1].subscriptions).toBe('--^-!');
    m.expectSubscriptions(sources[2].subscriptions).toBe('----^-!');
    m.expectSubscriptions(sources[3].subscriptions).toBe('------(^!)');
  }));

  it('law 2: who leaves while waiting leaves the queue at once, and was never sent', marbles((m) => {
    const first$ = m.cold('----(m|)', values);
    const second$ = m.cold('(m|)', values);
    const provider = scriptedProvider([first$, second$]);
    const limited = limiting({ concurrency: 1 })(provider);
    m.expectObservable(limited(request)).toBe('        ----(m|)', values);
    m.expectObservable(limited(request), '^--!').toBe('----');
    m.expectObservable(limited(request)).toBe('        ----(m|)', values);
    m.flush();
    provider.assertConsumed();
  }));

  it('closes a connection before it lets the next one in', marbles((m) => {
    const order: string[] = [];
    const telling = (name: string): Provider => () =>
      defer(() => {
        order.push(`${name} opened`);
        return m.cold('--(m|)', values).pipe(finalize(() => order.push(`${name} closed`)));
      });
    const limit = limiting({ concurrency: 1 });
    m.expectObservable(limit(telling('one'))(request).pipe(take(1))).toBe('--(m|)', values);
    m.expectObservable(limit(telling('two'))(request)).toBe('----(m|)', values);
    m.flush();
    expect(order).toEqual(['one opened', 'one closed', 'two opened', 'two closed']);
  }));

  it('is one budget for all that it wraps, and another for each call', marbles((m) => {
    const source$ = m.cold('--(m|)', values);
    const share = limiting({ concurrency: 1 });
    m.expectObservable(share(() => source$)(request)).toBe('                       --(m|)', values);
    m.expectObservable(share(() => source$)(request)).toBe('                       ----(m|)', values);
    m.expectObservable(limiting({ concurrency: 1 })(() => source$)(request)).toBe('--(m|)', values);
  }));

  it('begins no more requests in any 60 seconds than are allowed', marbles((m) => {
    const { asked, provider } = noting(m.now, 5_000);
    const limited = limiting({ requestsPerMinute: 2 })(provider);
    timer(0, 10_000).pipe(take(5), mergeMap(() => limited(request))).subscribe();
    m.flush();
    expect(asked).toEqual([0, 10_000, minute, 10_000 + minute, 2 * minute]);
  }));

  it('waits while the tokens of the last 60 seconds are not below the limit', marbles((m) => {
    const used = tokens(60, 10, { cacheReadTokens: 5_000, cacheWriteTokens: 30 });
    const { asked, provider } = noting(m.now, 1_000, used);
    const limited = limiting({ tokensPerMinute: 150 })(provider);
    // 100 tokens each: the second reaches the limit at 10 s, and is alone in the window from 60 s on.
    timer(0, 10_000).pipe(take(4), mergeMap(() => limited(request))).subscribe();
    m.flush();
    expect(asked).toEqual([0, 10_000, minute, 10_000 + minute]);
  }));

  it('counts tokens as they come, and each once', marbles((m) => {
    const use = (usage: number) => event.usage(tokens(usage, 0));
    const parts = { a: use(40), b: use(90), R: event.retry({ discard: true }, tokens(95, 0)), d: use(4), M: event.message('', { usage: tokens(5, 0) }) };
    const { asked, provider } = noting(m.now, 0, tokens(0, 0));
    const limit = limiting({ tokensPerMinute: 100 });
    limit(() => m.cold('a 9999ms b 9999ms R 9999ms d 9999ms (M|)', parts))(request).subscribe();
    // 40 at 0 s, 50 at 10 s, 5 at 20 s, 4 at 30 s, 1 at 40 s: with the last it is at its limit, until 60 s.
    timer(39_999, 2).pipe(take(2), mergeMap(() => limit(provider)(request))).subscribe();
    m.flush();
    expect(asked).toEqual([39_999, minute]);
  }));

  it('lets what came meanwhile push the next one back', marbles((m) => {
    const { asked, provider } = noting(m.now, 0);
    const limit = limiting({ tokensPerMinute: 10 });
    limit(() => m.cold('a 29999ms b 29999ms (m|)', { ...values, a: event.usage(tokens(10, 0)), b: event.usage(tokens(20, 0)) }))(request).subscribe();
    timer(1).pipe(concatMap(() => limit(provider)(request))).subscribe();
    m.flush();
    expect(asked).toEqual([30_000 + minute]);
  }));

  it('has a timer only while somebody waits for the window', marbles((m) => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    const limited = limiting({ concurrency: 2, requestsPerMinute: 2 })(() => m.cold('--(m|)', values));
    m.expectObservable(limited(request)).toBe('--(m|)', values);
    m.expectObservable(limited(request)).toBe('--(m|)', values);
    const late = m.cold('-(a|)').pipe(concatMap(() => limited(request)));
    m.expectObservable(late, '^-----!').toBe('-');
    m.flush();
    // One timer, for the one who waits from frame 2 on; it is gone when that one leaves.
    expect(schedule).toHaveBeenCalledTimes(1);
    expect(m.now()).toBeLessThan(minute);
    schedule.mockRestore();
  }));

  it('serves sources that answer at once, many, and asked from within an answer', marbles((m) => {
    const limited = limiting({ concurrency: 1 })(() => of(values.m));
    let answers = 0;
    const many$ = from(Array.from({ length: 5_000 }));
    many$.pipe(concatMap(() => limited(request))).subscribe(() => (answers += 1));
    const nested$ = limited(request).pipe(concatMap((first) => concat(of(first), limited(request))));
    m.expectObservable(nested$).toBe('(mm|)', values);
    many$.pipe(mergeMap(() => limited(request))).subscribe(() => (answers += 1));
    m.flush();
    expect(answers).toBe(10_000);
  }));

  it('lets in any number of those who wait, though each is over at once', marbles((m) => {
    const limit = limiting({ concurrency: 1 });
    m.expectObservable(limit(() => m.cold('--(m|)', values))(request)).toBe('--(m|)', values);
    const limited = limit(() => of(values.m));
    const many$ = from(Array.from({ length: 20_000 })).pipe(mergeMap(() => limited(request)));
    m.expectObservable(many$.pipe(count())).toBe('--(n|)', { n: 20_000 });
  }));

  it('gives back the place of one who leaves with its first event, or whose provider throws', marbles((m) => {
    const bug = new TypeError('bug');
    const limit = limiting({ concurrency: 1 });
    const throwing: Provider = () => {
      throw bug;
    };
    m.expectObservable(limit(() => from([values.t, values.m]))(request).pipe(take(1))).toBe('(t|)', values);
    m.expectObservable(limit(throwing)(request)).toBe('#', values, bug);
    m.expectObservable(limit(() => throwError(() => bug))(request)).toBe('#', values, bug);
    m.expectObservable(limit(() => of(values.m))(request)).toBe('(m|)', values);
  }));

  it('holds no place while a retry around it waits', marbles((m) => {
    const limit = limiting({ concurrency: 1 });
    const failing = scriptedProvider([new OverloadedError('Overloaded'), [values.m]]);
    m.expectObservable(retrying({ backoff: 5, jitter: 0 })(limit(failing))(request)).toBe('r----(m|)', { ...values, r: retry(1, 5) });
    m.expectObservable(limit(() => m.cold('--(m|)', values))(request)).toBe('               --(m|)', values);
  }));

  it('is shared by runs, a turn at a time', marbles((m) => {
    const limit = limiting({ concurrency: 1 });
    const ended = () => {
      const turns = scriptedProvider([toolTurn({ id: 'call_1', name: 'nothing' }), textTurn('ok')], { latency: 3 });
      return agent({ provider: limit(turns) })('Hi').pipe(ofType('iteration_end'), map(({ iteration }) => String(iteration)));
    };
    m.expectObservable(ended()).toBe('---0-----(1|)');
    m.expectObservable(ended()).toBe('------0-----(1|)');
  }));

  it('outlives a clock that is set back', () => {
    const clock = jest.spyOn(asyncScheduler, 'now').mockReturnValue(10 * minute);
    const timers = jest.spyOn(asyncScheduler, 'schedule');
    const limited = limiting({ requestsPerMinute: 1 })(() => of(values.m));
    limited(request).subscribe();
    clock.mockReturnValue(0);
    limited(request).subscribe().unsubscribe();
    const delays = timers.mock.calls.map(([, delay]) => delay);
    clock.mockRestore();
    timers.mockRestore();
    expect(delays).toEqual([minute]);
  });

  it.each<LimitOptions>([{ concurrency: 0 }, { requestsPerMinute: 1.5 }, { tokensPerMinute: -1 }, { concurrency: NaN }])('refuses %p', (options) => {
    expect(() => limiting(options)).toThrow(ConfigurationError);
  });

  it('limits nothing without a limit', marbles((m) => {
    const source$ = m.cold('-(m|)', values);
    const limited = limiting({})(() => source$);
    for (let times = 0; times < 3; times += 1) m.expectObservable(limited(request)).toBe('-(m|)', values);
  }));
});
