import { from } from 'rxjs';
import { usageTotals } from 'coldstream/operators';
import { event, marbles, textTurn, tokens, user } from 'coldstream/testing';

const second = { iteration: 1 };
const inner = { path: ['call_1'] };

const events = {
  s: event.iterationStart(),
  t: event.text('Hi'),
  u: event.usage(tokens(10, 1)),
  v: event.usage(tokens(10, 5)),
  m: event.message('Hi', { usage: tokens(10, 5) }),
  n: event.iterationEnd(tokens(10, 5)),
  a: event.usage(tokens(20, 2), second),
  z: event.iterationEnd(tokens(20, 7), second),
  c: event.complete({ usage: tokens(30, 12) }),
  e: event.error('Overloaded', { usage: tokens(10, 5) }),
};
const total = (inputTokens: number, outputTokens: number) => tokens(inputTokens, outputTokens);
const totals = { u: total(10, 1), v: total(10, 5), a: total(30, 7), z: total(30, 12) };

describe('usageTotals', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                              -', events);
    m.expectObservable(source.pipe(usageTotals()), '     ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('   ^--!');
  }));

  it('empty: nothing was reported', marbles((m) => {
    const silent = m.cold('                      -s-t-o|', { ...events, o: event.complete() });
    m.expectObservable(silent.pipe(usageTotals())).toBe('------|');
    m.expectObservable(m.cold('|', events).pipe(usageTotals())).toBe('|');
    m.expectObservable(m.cold('-n|', { n: event.iterationEnd(null) }).pipe(usageTotals())).toBe('--|');
    m.expectSubscriptions(silent.subscriptions).toBe('^-----!');
  }));

  it('one and many: emits one total and many, only where it has changed, and never adds complete', marbles((m) => {
    const one = m.cold('                       -sut-n-c|', events);
    m.expectObservable(one.pipe(usageTotals())).toBe('--u--v--|', totals);
    const many = m.cold('                      -su-v-m-n-a-z-c|', events);
    m.expectObservable(many.pipe(usageTotals())).toBe('--u-v-----a-z--|', totals);
    m.expectSubscriptions(many.subscriptions).toBe('^--------------!');
  }));

  it('error: passes an error of the source, after the last total', marbles((m) => {
    const source = m.cold('                      -u-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(usageTotals())).toBe('-u-#', totals, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('keeps the last total of a run that failed, and completes', marbles((m) => {
    const source = m.cold('                      -u-v-e|', events);
    m.expectObservable(source.pipe(usageTotals())).toBe('-u-v--|', totals);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                           -u-v---', events);
    m.expectObservable(source.pipe(usageTotals()), '  ------!').toBe('-u-v', totals);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                           -u-v-n|', events);
    m.expectObservable(source.pipe(usageTotals()), '  --!').toBe('-u', totals);
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));

  it('takes a provider without an agent: usage events, or the message alone, and one turn after another', marbles((m) => {
    m.expectObservable(from(textTurn('Hi')).pipe(usageTotals())).toBe('(v|)', totals);
    m.expectObservable(m.cold('-t-m|', events).pipe(usageTotals())).toBe('---v|', totals);
    m.expectObservable(m.cold('-v-m-v-m|', events).pipe(usageTotals())).toBe('-v---w--|', { ...totals, w: total(20, 10) });
  }));

  it('overwrites within an attempt and adds attempts: the retry tells what the abandoned one cost', marbles((m) => {
    const retried = { ...events, r: event.retry({}, tokens(10, 3)), n: event.iterationEnd(tokens(20, 8)) };
    const values = { u: total(10, 1), r: total(10, 3), x: total(20, 4), y: total(20, 8) };
    const source = m.cold('                      -u-r-u-v-n-c|', retried);
    m.expectObservable(source.pipe(usageTotals())).toBe('-u-r-x-y----|', values);
  }));

  it('keeps the snapshot of an abandoned attempt where the retry knows no usage', marbles((m) => {
    const source = m.cold('                      -v-r-v-|', { ...events, r: event.retry() });
    m.expectObservable(source.pipe(usageTotals())).toBe('-v---w-|', { v: total(10, 5), w: total(20, 10) });
  }));

  it('gives iteration_end the last word, downwards too', marbles((m) => {
    const source = m.cold('                      -v-n|', { ...events, n: event.iterationEnd(tokens(9, 4)) });
    m.expectObservable(source.pipe(usageTotals())).toBe('-v-x|', { v: total(10, 5), x: total(9, 4) });
  }));

  it('counts sub-agents beside the run, in any order', marbles((m) => {
    const nested = {
      ...events,
      i: event.usage(tokens(100, 10), inner),
      j: event.iterationEnd(tokens(100, 20), inner),
      k: event.usage(tokens(100, 1), { ...inner, iteration: 1 }),
    };
    const values = { v: total(10, 5), i: total(110, 15), j: total(110, 25), k: total(210, 26) };
    const source = m.cold('                      -v-i-j-k-n-c|', nested);
    m.expectObservable(source.pipe(usageTotals())).toBe('-v-i-j-k----|', values);
  }));

  it('keeps what an iteration cost that never came to its end', marbles((m) => {
    m.expectObservable(m.cold('-v-a-z|', events).pipe(usageTotals())).toBe('-v-a-z|', totals);
  }));

  it('tells runs in one stream apart', marbles((m) => {
    const other = event.usage(tokens(1, 1), { runId: 'run_2' });
    m.expectObservable(m.cold('-v-o-v|', { ...events, o: other }).pipe(usageTotals())).toBe('-v-o--|', { v: total(10, 5), o: total(11, 6) });
  }));

  it('has done with an iteration at its end: what has its number afterwards is added', marbles((m) => {
    m.expectObservable(m.cold('-v-n-v|', events).pipe(usageTotals())).toBe('-v---w|', { v: total(10, 5), w: total(20, 10) });
  }));

  it('sees each counter change', marbles((m) => {
    const cached = { cacheReadTokens: 1 };
    const counters = {
      a: tokens(1, 0), b: tokens(1, 1), c: tokens(1, 1, cached), d: tokens(1, 1, { ...cached, cacheWriteTokens: 1 }),
      e: tokens(1, 1, { ...cached, cacheWriteTokens: 1, reasoningTokens: 1 }),
    };
    const { a, b, c, d, e } = counters;
    const reports = { a: event.usage(a), b: event.usage(b), c: event.usage(c), d: event.usage(d), e: event.usage(e) };
    m.expectObservable(m.cold('aabbccddee|', reports).pipe(usageTotals())).toBe('a-b-c-d-e-|', counters);
  }));

  it('adds cache and reasoning tokens, and has no provider counters', marbles((m) => {
    const first = tokens(1, 2, { cacheReadTokens: 3, cacheWriteTokens: 4, reasoningTokens: 1, raw: { input_tokens: 1 } });
    const values = { a: event.iterationEnd(first), b: event.iterationEnd(tokens(1, 1), second) };
    m.expectObservable(m.cold('a-b|', values).pipe(usageTotals())).toBe('a-b|', {
      a: tokens(1, 2, { cacheReadTokens: 3, cacheWriteTokens: 4, reasoningTokens: 1 }),
      b: tokens(2, 3, { cacheReadTokens: 3, cacheWriteTokens: 4, reasoningTokens: 1 }),
    });
  }));

  it("leaves a user's messages alone", marbles((m) => {
    m.expectObservable(m.cold('-v-m-v|', { ...events, m: event.message(user('go on')) }).pipe(usageTotals())).toBe('-v----|', totals);
  }));
});
