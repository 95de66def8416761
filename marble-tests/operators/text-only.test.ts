import { from } from 'rxjs';
import { DiscardedError, RunError } from '../../src/errors/errors.js';
import { textOnly } from 'coldstream/operators';
import { event, marbles, textTurn, tokens } from 'coldstream/testing';

const events = {
  s: event.iterationStart(),
  t: event.text('Hel'),
  u: event.text('lo'),
  h: event.thinking('hm'),
  m: event.message('Hello'),
  n: event.iterationEnd(tokens(1, 2)),
  c: event.complete(),
  e: event.error({ error: 'Overloaded', code: 'overloaded', retryable: true, partial: true }),
  r: event.retry({ discard: true, error: { code: 'overloaded', message: 'Overloaded' } }),
  k: event.retry({ discard: false }),
  w: event.text('Wor', { iteration: 1 }),
  x: event.retry({ discard: true }, null, { iteration: 1 }),
  T: event.text('inner', { path: ['call_1'] }),
  E: event.error('inner failed', { path: ['call_1'] }),
  R: event.retry({ discard: true }, null, { path: ['call_1'] }),
};
const text = { t: 'Hel', u: 'lo', w: 'Wor' };
const failed = new RunError('Overloaded', 'overloaded', { retryable: true, partial: true });
const takenBack = (what: string) =>
  new DiscardedError(`A retry (${what}) took back text that had been handed on already`, { partial: true });

describe('textOnly', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('-', events);
    m.expectObservable(source.pipe(textOnly()), '----!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('  ^---!');
  }));

  it('empty: a run without text', marbles((m) => {
    const empty = m.cold('                              |', events);
    const wordless = m.cold('                           -s-h-m-c|', events);
    m.expectObservable(empty.pipe(textOnly())).toBe('   |');
    m.expectObservable(wordless.pipe(textOnly())).toBe('--------|');
    m.expectSubscriptions(empty.subscriptions).toBe('   (^!)');
    m.expectSubscriptions(wordless.subscriptions).toBe('^-------!');
  }));

  it('one and many: passes one piece and many, each in its frame', marbles((m) => {
    const one = m.cold('                            -s-t-m-c|', events);
    const many = m.cold('                           -stu-m-n-c|', events);
    m.expectObservable(one.pipe(textOnly())).toBe(' ---t----|', text);
    m.expectObservable(many.pipe(textOnly())).toBe('--tu------|', text);
    m.expectSubscriptions(one.subscriptions).toBe(' ^-------!');
    m.expectSubscriptions(many.subscriptions).toBe('^---------!');
  }));

  it('works on a provider without an agent', marbles((m) => {
    m.expectObservable(m.cold('abc|', { a: event.text('Hel'), b: event.text('lo'), c: event.message('Hello') }).pipe(textOnly())).toBe('ab-|', {
      a: 'Hel',
      b: 'lo',
    });
    m.expectObservable(from(textTurn('Hel', 'lo')).pipe(textOnly())).toBe('(tu|)', text);
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                  -t-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(textOnly())).toBe('-t-#', text, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it("turns the run's error event into an Rx error and leaves the source", marbles((m) => {
    const source = m.cold('                  -t-e--|', events);
    m.expectObservable(source.pipe(textOnly())).toBe('-t-#', text, failed);
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                            -t-u-----', events);
    m.expectObservable(source.pipe(textOnly()), '       --------!').toBe('-t-u', text);
    m.expectSubscriptions(source.subscriptions).toBe('  ^-------!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                      -t-u-t|', events);
    m.expectObservable(source.pipe(textOnly()), '---!').toBe('-t-', text);
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('leaves out what sub-agents say, retry and suffer', marbles((m) => {
    const source = m.cold('                  -tTRE-u-c|', events);
    m.expectObservable(source.pipe(textOnly())).toBe('-t----u--|', text);
    m.expectSubscriptions(source.subscriptions).toBe('^--------!');
  }));

  it('fails where a retry takes text back', marbles((m) => {
    const source = m.cold('                  -t-r-u-c|', events);
    m.expectObservable(source.pipe(textOnly())).toBe('-t-#', text, takenBack('Overloaded'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('goes on where a retry takes nothing back: before the first text, without discard, after another iteration', marbles((m) => {
    m.expectObservable(m.cold('-r-t-c|', events).pipe(textOnly())).toBe('---t--|', text);
    m.expectObservable(m.cold('-t-k-u|', events).pipe(textOnly())).toBe('-t---u|', text);
    m.expectObservable(m.cold('-t-m-n-x-w|', events).pipe(textOnly())).toBe('-t-------w|', text);
    m.expectObservable(m.cold('-t-x-w|', events).pipe(textOnly())).toBe('-t---w|', text);
    m.expectObservable(m.cold('-t-m-r-u|', events).pipe(textOnly())).toBe('-t-----u|', text);
    const elsewhere = { ...events, o: event.retry({ discard: true }, null, { runId: 'run_2' }) };
    m.expectObservable(m.cold('-t-o-u|', elsewhere).pipe(textOnly())).toBe('-t---u|', text);
    m.expectObservable(m.cold('-t-w-x|', events).pipe(textOnly())).toBe('-t-w-#', text, takenBack('Overloaded'));
  }));
});
