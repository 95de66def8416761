import { topLevel } from 'coldstream/operators';
import { event, marbles } from 'coldstream/testing';

const inner = { path: ['call_1'] };
const events = {
  s: event.iterationStart(),
  t: event.text('Hi'),
  c: event.complete(),
  e: event.error('Overloaded'),
  T: event.text('inner', inner),
  D: event.text('deeper', { path: ['call_1', 'call_2'] }),
  E: event.error('inner failed', inner),
};

describe('topLevel', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                        -', events);
    m.expectObservable(source.pipe(topLevel()), '  ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('empty: nothing at all, or of sub-agents only', marbles((m) => {
    const source = m.cold('                        -T-D-E|', events);
    m.expectObservable(source.pipe(topLevel())).toBe('------|');
    m.expectObservable(m.cold('|', events).pipe(topLevel())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('one and many: passes them, an error event too, and leaves out sub-agents however deep', marbles((m) => {
    const one = m.cold('                           -T-t-D|', events);
    m.expectObservable(one.pipe(topLevel())).toBe('---t--|', events);
    const many = m.cold('                           -stTDEt-e|', events);
    m.expectObservable(many.pipe(topLevel())).toBe('-st---t-e|', events);
    m.expectSubscriptions(many.subscriptions).toBe('^--------!');
  }));

  it('hands on the same objects', marbles((m) => {
    const seen: unknown[] = [];
    m.cold('t|', events).pipe(topLevel()).subscribe((value) => seen.push(value));
    m.flush();
    expect(seen[0]).toBe(events.t);
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                           -tT#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(topLevel())).toBe('-t-#', events, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                        -tTt---', events);
    m.expectObservable(source.pipe(topLevel()), '  ------!').toBe('-t-t', events);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                        -t-T-t|', events);
    m.expectObservable(source.pipe(topLevel()), '  --!').toBe('-t', events);
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));
});
