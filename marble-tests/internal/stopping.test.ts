import { range, take, type Observable } from 'rxjs';
import { marbles } from 'coldstream/testing';
import { stopping, type Stop } from '../../src/internal/stopping.js';

const graces: Readonly<Record<string, number>> = { n: 0, s: 3, l: Infinity };
const stopAfter = (ms = Infinity): Stop<string> => ({ ms, after: (value) => graces[value], reason: (late) => (late ? 'late' : 'soon') });

describe('stopping', () => {
  it('is the source itself where nothing may stop it', () => {
    const source$ = range(0, 3);
    expect(source$.pipe(stopping<number>(undefined))).toBe(source$);
  });

  it('hands on what it is not told to stop', marbles((m) => {
    const source$ = m.cold('                          -a-b-|');
    m.expectObservable(source$.pipe(stopping(stopAfter()))).toBe('-a-b-|');
    m.expectObservable(m.cold('-a#').pipe(stopping(stopAfter(9)))).toBe('-a#');
    m.expectObservable(m.cold('--').pipe(stopping(stopAfter())), '----!').toBe('--');
    m.expectSubscriptions(source$.subscriptions).toBe('^----!');
  }));

  it('stops at once, after the value', marbles((m) => {
    const source$ = m.cold('                          -a-n-b-|');
    m.expectObservable(source$.pipe(stopping(stopAfter()))).toBe('-a-(n#)', undefined, 'soon');
    m.expectSubscriptions(source$.subscriptions).toBe('^--!');
  }));

  it('stops after a while, unless that is lifted, or the source is over by then', marbles((m) => {
    const source$ = m.cold('                          -s-b-b-|');
    m.expectObservable(source$.pipe(stopping(stopAfter()))).toBe('-s-b#', undefined, 'soon');
    m.expectSubscriptions(source$.subscriptions).toBe('^---!');
    m.expectObservable(m.cold('-s-l-b-|').pipe(stopping(stopAfter()))).toBe('-s-l-b-|');
    m.expectObservable(m.cold('-s-|').pipe(stopping(stopAfter()))).toBe('-s-|');
    m.expectObservable(m.cold('-s-s-b-|').pipe(stopping(stopAfter()))).toBe('-s-s-b#', undefined, 'soon');
  }));

  it('stops when its time has passed, whatever it was allowed since', marbles((m) => {
    const source$ = m.cold('                           -l--b-|');
    m.expectObservable(source$.pipe(stopping(stopAfter(3)))).toBe('-l-#', undefined, 'late');
    m.expectSubscriptions(source$.subscriptions).toBe('^--!');
  }));

  it('stops a synchronous source without an end, at a value and when it is left', () => {
    const seen: unknown[] = [];
    const until: Stop<number> = { ms: Infinity, after: (value) => (value === 2 ? 0 : undefined), reason: () => 'soon' };
    const follow = (source$: Observable<number>): void => void source$.subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error), complete: () => seen.push('end') });
    follow(range(0, Infinity).pipe(stopping(until)));
    follow(range(0, Infinity).pipe(stopping(until), take(2)));
    expect(seen).toEqual([0, 1, 2, 'soon', 0, 1, 'end']);
  });

  it('fails with what its judge throws', marbles((m) => {
    const failing: Stop<string> = { ...stopAfter(), after: () => { throw new TypeError('broken'); } };
    m.expectObservable(m.cold('-a-b|').pipe(stopping(failing))).toBe('-(a#)', undefined, new TypeError('broken'));
  }));
});
