import { textOnly, underPath } from 'coldstream/operators';
import { event, marbles } from 'coldstream/testing';
import { RunError } from '../../src/errors/errors.js';

const [inner, deeper] = [{ path: ['call_1'] }, { path: ['call_1', 'call_2'] }];
const events = {
  t: event.text('Hi'),
  c: event.complete(),
  T: event.text('inner', { ...inner, seq: 7 }),
  C: event.complete(inner),
  E: event.error('inner failed', inner),
  D: event.text('deeper', deeper),
  O: event.text('another', { path: ['call_9'] }),
};
/** The same as the sub-agent's own. */
const own = {
  T: event.text('inner', { seq: 7 }),
  C: event.complete(),
  E: event.error('inner failed'),
  D: event.text('deeper', { path: ['call_2'] }),
};
const whole = { envelope: true };

describe('underPath', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                                     -', events);
    m.expectObservable(source.pipe(underPath(['call_1'])), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe('          ^--!');
  }));

  it('empty: no such sub-agent', marbles((m) => {
    const source = m.cold('                                      -t-O-c|', events);
    m.expectObservable(source.pipe(underPath(['call_1']))).toBe('------|');
    m.expectObservable(m.cold('|', events).pipe(underPath(['call_1']))).toBe('|');
    m.expectObservable(m.cold('-T-t|', events).pipe(underPath(['call_1', 'call_2']))).toBe('----|');
    m.expectSubscriptions(source.subscriptions).toBe('           ^-----!');
  }));

  it('one and many: passes what stands at the path and below it, the path cut', marbles((m) => {
    const one = m.cold('-t-T-c|', events);
    m.expectObservable(one.pipe(underPath(['call_1'])), undefined, whole).toBe('---T--|', own);
    const many = m.cold('                               -tTDOC-c|', events);
    m.expectObservable(many.pipe(underPath(['call_1'])), undefined, whole).toBe('--TD-C--|', own);
    m.expectObservable(m.cold('-TD|', events).pipe(underPath(['call_1', 'call_2'])), undefined, whole).toBe('--x|', { x: event.text('deeper') });
    m.expectSubscriptions(many.subscriptions).toBe('    ^-------!');
  }));

  it('makes a run of a sub-agent for other operators', marbles((m) => {
    m.expectObservable(m.cold('-tTDt-C-c|', events).pipe(underPath(['call_1']), textOnly())).toBe('--x------|', { x: 'inner' });
    m.expectObservable(m.cold('-T-E-t-c|', events).pipe(underPath(['call_1']), textOnly())).toBe('-x-#', { x: 'inner' }, new RunError('inner failed', 'overloaded', { retryable: true }));
  }));

  it('changes no event, and is the source itself where there is nothing to do', marbles((m) => {
    const source = m.cold('-T|', events);
    source.pipe(underPath(['call_1'])).subscribe();
    m.flush();
    expect(events.T.path).toEqual(['call_1']);
    expect(underPath([])(source)).toBe(source);
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                                      -T-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(underPath(['call_1']))).toBe('-T-#', own, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('           ^--!');
  }));

  it('never-ending: goes on after the end of the sub-agent', marbles((m) => {
    const source = m.cold('                                  -T-C-T---', events);
    m.expectObservable(source.pipe(underPath(['call_1'])), ' --------!').toBe('-T-C-T', own);
    m.expectSubscriptions(source.subscriptions).toBe('       ^-------!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                                  -T-T-C|', events);
    m.expectObservable(source.pipe(underPath(['call_1'])), ' --!').toBe('-T', own);
    m.expectSubscriptions(source.subscriptions).toBe('       ^-!');
  }));
});
