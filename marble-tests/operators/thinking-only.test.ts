import { from } from 'rxjs';
import { DiscardedError, RunError } from '../../src/errors/errors.js';
import { thinkingOnly } from 'coldstream/operators';
import { event, marbles, turn } from 'coldstream/testing';

const events = {
  s: event.iterationStart(),
  h: event.thinking('A '),
  g: event.thinking('plan'),
  t: event.text('Hi'),
  m: event.message('Hi'),
  c: event.complete(),
  e: event.error('Overloaded'),
  r: event.retry(),
  H: event.thinking('inner', { path: ['call_1'] }),
};
const text = { h: 'A ', g: 'plan' };

describe('thinkingOnly', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                              -', events);
    m.expectObservable(source.pipe(thinkingOnly()), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('   ^--!');
  }));

  it('empty: a run without thinking', marbles((m) => {
    const source = m.cold('                      -s-t-m-c|', events);
    m.expectObservable(source.pipe(thinkingOnly())).toBe('--------|');
    m.expectObservable(m.cold('|', events).pipe(thinkingOnly())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-------!');
  }));

  it('one and many: passes one piece and many, each in its frame', marbles((m) => {
    const one = m.cold('                         -s-h-t-m-c|', events);
    const many = m.cold('                        -shg-t-m-c|', events);
    m.expectObservable(one.pipe(thinkingOnly())).toBe(' ---h------|', text);
    m.expectObservable(many.pipe(thinkingOnly())).toBe('--hg------|', text);
    m.expectSubscriptions(one.subscriptions).toBe('  ^---------!');
    m.expectSubscriptions(many.subscriptions).toBe(' ^---------!');
  }));

  it('works on a provider without an agent', marbles((m) => {
    const source = from(turn({ thinking: ['A ', 'plan'], text: ['Hi'] }));
    m.expectObservable(source.pipe(thinkingOnly())).toBe('(hg|)', text);
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                      -h-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(thinkingOnly())).toBe('-h-#', text, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it("turns the run's error event into an Rx error and leaves the source", marbles((m) => {
    const source = m.cold('                      -h-e--|', events);
    m.expectObservable(source.pipe(thinkingOnly())).toBe('-h-#', text, new RunError('Overloaded', 'overloaded', { retryable: true }));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                           -h-g---', events);
    m.expectObservable(source.pipe(thinkingOnly()), ' ------!').toBe('-h-g', text);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                           -h-g-t|', events);
    m.expectObservable(source.pipe(thinkingOnly()), ' --!').toBe('-h', text);
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));

  it('leaves out what sub-agents think', marbles((m) => {
    m.expectObservable(m.cold('-hHg|', events).pipe(thinkingOnly())).toBe('-h-g|', text);
  }));

  it('fails where a retry takes thinking back, and only there', marbles((m) => {
    const takenBack = new DiscardedError('A retry (Overloaded) took back thinking that had been handed on already', { partial: true });
    m.expectObservable(m.cold('-h-r-g|', events).pipe(thinkingOnly())).toBe('-h-#', text, takenBack);
    m.expectObservable(m.cold('-t-r-g|', events).pipe(thinkingOnly())).toBe('-----g|', text);
  }));
});
