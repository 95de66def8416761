import { catchError, EMPTY, retry } from 'rxjs';
import { RunError } from '../../src/errors/errors.js';
import { untilError } from 'coldstream/operators';
import { event, marbles } from 'coldstream/testing';

const events = {
  s: event.iterationStart(),
  t: event.text('Hi'),
  c: event.complete(),
  e: event.error({ error: 'No such model', code: 'invalid_request', retryable: false, partial: true }),
  E: event.error('inner failed', { path: ['call_1'] }),
};
const failed = new RunError('No such model', 'invalid_request', { retryable: false, partial: true });

describe('untilError', () => {
  it('never: a run that says nothing yet', marbles((m) => {
    const source = m.cold('                            -', events);
    m.expectObservable(source.pipe(untilError()), '    ---!').toBe('-');
    m.expectSubscriptions(source.subscriptions).toBe(' ^--!');
  }));

  it('empty: completes', marbles((m) => {
    const source = m.cold('                          |', events);
    m.expectObservable(source.pipe(untilError())).toBe('|');
    m.expectSubscriptions(source.subscriptions).toBe('(^!)');
  }));

  it('one and many: passes one event and many as they are', marbles((m) => {
    const source = m.cold('                          -s-t-c|', events);
    m.expectObservable(m.cold('-s|', events).pipe(untilError())).toBe('-s|', events);
    m.expectObservable(source.pipe(untilError())).toBe('-s-t-c|', events);
    m.expectSubscriptions(source.subscriptions).toBe('^-----!');
  }));

  it("turns the run's error event into an Rx error and leaves the source", marbles((m) => {
    const source = m.cold('                          -s-t-e--|', events);
    m.expectObservable(source.pipe(untilError())).toBe('-s-t-#', events, failed);
    m.expectSubscriptions(source.subscriptions).toBe('^----!');
  }));

  it('error: passes an error of the source', marbles((m) => {
    const source = m.cold('                          -s-#', events, new TypeError('broken'));
    m.expectObservable(source.pipe(untilError())).toBe('-s-#', events, new TypeError('broken'));
    m.expectSubscriptions(source.subscriptions).toBe('^--!');
  }));

  it('never-ending: passes a run that never ends', marbles((m) => {
    const source = m.cold('                           -s-t----', events);
    m.expectObservable(source.pipe(untilError()), '   -------!').toBe('-s-t', events);
    m.expectSubscriptions(source.subscriptions).toBe('^------!');
  }));

  it('unsubscribed: stops the source when it is unsubscribed', marbles((m) => {
    const source = m.cold('                           -s-t-c|', events);
    m.expectObservable(source.pipe(untilError()), '   --!').toBe('-s', events);
    m.expectSubscriptions(source.subscriptions).toBe('^-!');
  }));

  it('lets a sub-agent fail', marbles((m) => {
    m.expectObservable(m.cold('-E-t|', events).pipe(untilError())).toBe('-E-t|', events);
  }));

  it('gives retry and catchError something to work on', marbles((m) => {
    const source = m.cold('                                           -t-e|', events);
    m.expectObservable(source.pipe(untilError(), catchError(() => EMPTY))).toBe('-t-|', events);
    const again = m.cold('                                            -t-e|', events);
    m.expectObservable(again.pipe(untilError(), retry(1))).toBe('     -t--t-#', events, failed);
    m.expectSubscriptions(again.subscriptions).toBe(['                ^--!', '---^--!']);
  }));
});
