import { ofType } from 'coldstream/operators';
import { event, marbles, tokens } from 'coldstream/testing';

const events = {
  s: event.iterationStart(),
  t: event.text('Hi'),
  u: event.usage(tokens(1, 2)),
  c: event.complete(),
  e: event.error('Overloaded'),
  T: event.text('inner', { path: ['call_1'] }),
};

describe('ofType', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                              -', events);
    m.expectObservable(source.pipe(ofType('usage')), '   ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('   ^--!');
  }));

  it('empty: nothing fits', marbles((m) => {
    const source = m.cold('                        -s-t-c|', events);
    m.expectObservable(source.pipe(ofType('usage'))).toBe('------|');
    m.expectObservable(m.cold('|', events).pipe(ofType('usage'))).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it('one and many: passes them, in order, as they are', marbles((m) => {
    const source = m.cold('                                    -stutc|', events);
    m.expectObservable(source.pipe(ofType('usage'))).toBe('            ---u--|', events);
    m.expectObservable(source.pipe(ofType('usage', 'text_delta'))).toBe('--tut-|', events);
    m.expectSubscriptions(source.subscriptions).toBe(['         ^-----!', '^-----!']);
  }));

  it('hands on the same objects', marbles((m) => {
    const seen: unknown[] = [];
    m.cold('t|', events).pipe(ofType('text_delta')).subscribe((value) => seen.push(value));
    m.flush();
    expect(seen).toEqual([events.t]);
    expect(seen[0]).toBe(events.t);
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                         -t-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(ofType('text_delta'))).toBe('-t-#', events, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('takes an error event for an event', marbles((m) => {
    const source = m.cold('                                     -t-e|', events);
    m.expectObservable(source.pipe(ofType('text_delta', 'error'))).toBe('-t-e|', events);
    m.expectObservable(source.pipe(ofType('text_delta'))).toBe('         -t--|', events);
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                             -t-u---', events);
    m.expectObservable(source.pipe(ofType('usage')), '  ------!').toBe('---u', events);
    m.expectSubscriptions(source.subscriptions).toBe('  ^-----!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                             -u-u-u|', events);
    m.expectObservable(source.pipe(ofType('usage')), '  --!').toBe('-u', events);
    m.expectSubscriptions(source.subscriptions).toBe('  ^-!');
  }));

  it('leaves out sub-agents', marbles((m) => {
    m.expectObservable(m.cold('-TtT|', events).pipe(ofType('text_delta'))).toBe('--t-|', events, undefined);
    m.expectObservable(m.cold('-T|', events).pipe(ofType('text_delta'))).toBe('--|');
  }));
});
