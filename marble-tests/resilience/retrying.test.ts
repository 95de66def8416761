import { concat, finalize, of, throwError } from 'rxjs';
import { ConfigurationError, named, OverloadedError, RateLimitError, retrying, type Provider, type RepeatWhen } from 'coldstream';
import { burst, event, marbles, scriptedProvider, textTurn, tokens } from 'coldstream/testing';
import { request, retry, values } from './support.js';

/** What `textTurn('ok')` comes to without its usage event. */
const answered = burst(event.text('ok'), event.message('ok', { stopReason: 'end_turn', usage: tokens(10, 5) }));

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

  it('N4 N33 does not repeat an answer that has begun, unless it is told to take back what was shown', marbles((m) => {
    const providerOf = () => scriptedProvider([m.cold('-t-u#', values, overloaded), m.cold('-#', values, overloaded), m.cold('-t(m|)', values)]);
    m.expectObservable(retrying()(providerOf())(request)).toBe('-t-u#', values, overloaded);
    const provider = providerOf();
    m.expectObservable(retrying({ when: 'always', backoff: 2, jitter: 0 })(provider)(request)).toBe('-t-uR--r----t(m|)', {
      ...values,
      R: event.retry({ attempt: 1, delayMs: 2, discard: true }, tokens(3, 0)),
      r: event.retry({ attempt: 2, delayMs: 4, discard: false }),
    });
    m.flush();
    provider.assertConsumed();
  }));

  it('takes nothing back once the turn is over', marbles((m) => {
    const provider = scriptedProvider([m.cold('-t-m#', values, overloaded), textTurn('again')]);
    m.expectObservable(retrying({ when: 'always' })(provider)(request)).toBe('-t-m#', values, overloaded);
    m.flush();
    expect(provider.requests).toHaveLength(1);
  }));

  it.each([
    { started: true, source: '-t-c-#', again: false },
    { started: false, source: '-t-c-#', again: true },
  ])('repeats nothing that has started a tool: started $started, $source', marbles((m, { started, source, again }) => {
    const provider = scriptedProvider([m.cold(source, values, overloaded), m.cold('(t|)', values)]);
    const anew$ = retrying({ when: 'always', backoff: 2, jitter: 0 })(provider)({ ...request, eager: { started } });
    const shown = source.replace('#', 'R-(t|)');
    m.expectObservable(anew$).toBe(again ? shown : source, { ...values, R: event.retry({ attempt: 1, delayMs: 2, discard: true }) }, overloaded);
  }));

  it('N3 counts attempts on from the request, and limits its own', marbles((m) => {
    const provider = scriptedProvider([overloaded, overloaded]);
    m.expectObservable(retrying({ attempts: 2, backoff: 1, jitter: 0 })(provider)({ ...request, attempt: 4 })).toBe('a#', { a: retry(4, 1) }, overloaded);
    m.flush();
    expect(provider.requests.map(({ attempt }) => attempt)).toEqual([4, 5]);
  }));

  it('closes a failed attempt before the next one, whatever its teardown does', marbles((m) => {
    const first$ = m.cold('--#', values, overloaded);
    const second$ = m.cold('-(m|)', values);
    const sources = [
      first$.pipe(
        finalize(() => {
          throw new Error('teardown');
        }),
      ),
      second$,
    ];
    m.expectObservable(retrying({ backoff: 2, jitter: 0 })(scriptedProvider(sources))(request)).toBe('--a--(m|)', { ...values, a: retry(1, 2) });
    m.expectSubscriptions(first$.subscriptions).toBe(' ^-!');
    m.expectSubscriptions(second$.subscriptions).toBe('----^!');
  }));

  it('retries a provider that throws before it makes an Observable', marbles((m) => {
    const provider: Provider = ({ attempt }) => {
      if (attempt === 1) throw overloaded;
      return of(values.m);
    };
    m.expectObservable(retrying({ backoff: 1, jitter: 0 })(provider)(request)).toBe('a(m|)', { ...values, a: retry(1, 1) });
  }));

  it('N35 waits no longer than a timer can, where the cap is off', marbles((m) => {
    const provider = failing(new RateLimitError('Slow down', { retryAfterMs: 1e12 }));
    const error = { code: 'rate_limit', message: 'Slow down' } as const;
    m.expectObservable(retrying({ maxRetryAfter: Infinity })(provider)(request), '--!').toBe('a', { a: retry(1, 2 ** 31 - 1, { error }) });
  }));

  it('names the model that was asked in what it says of an attempt, or the one that answered', marbles((m) => {
    const answering$ = concat(of(event.usage(tokens(3, 0), { model: 'model-2' })), throwError(() => overloaded));
    const provider = named(scriptedProvider([overloaded, answering$, textTurn('ok')]), 'model');
    const seen: unknown[] = [];
    retrying({ backoff: 1, jitter: 0 })(provider)(request).subscribe(({ type, model }) => {
      if (type === 'retry') seen.push(model);
    });
    m.flush();
    expect(seen).toEqual(['model', 'model-2']);
  }));

  it('refuses a word that it does not know', () => {
    const word: RepeatWhen = JSON.parse('"never"');
    expect(() => retrying({ when: word })).toThrow(ConfigurationError);
  });
});
